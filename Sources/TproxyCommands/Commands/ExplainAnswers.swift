import RuleTrace

/// The answers of `explain`, printed as they were asked for.
struct ExplainAnswers {
    var trace: RuleTrace
    var words: TraceWords
    var source: RuleSource
    var proxy: ProxySetting
    var output: OutputForm

    func packet(_ options: PacketOptions, withPath: Bool) throws {
        let packet = try options.packet(on: proxy.addresses)
        let answer = PacketAnswer(trace.explain(packet), words)
        try show("packet", answer) {
            (answer.lines + (withPath ? answer.pathLines : [])).text
        }
    }

    func flow(of options: PacketOptions, withPath: Bool) throws {
        let packet = try options.packet(on: proxy.addresses)
        let report = FlowReport(FlowTrace(trace, proxy: proxy).follow(packet), words)
        try show("flow", report) { report.lines(withPath: withPath).text }
    }

    func packets(of file: InputFile) throws {
        let packets = try PacketLine.read(file, on: proxy.addresses)
        let table = PacketTable(packets, trace, words)
        try show("packets", table) {
            (table.table.lines + ["", table.summary]).text
        }
    }

    func why(_ why: QuestionOptions.Why, _ options: PacketOptions) throws {
        var text = options.text
        guard let pattern = text.pattern() else { throw CommandFailure(text.problems) }
        do {
            let answer = try trace.answer(pattern, on: proxy.addresses)
            let report = PatternReport(why, text.words, answer, words)
            try show("why", report) { report.lines.text }
        } catch is RuleTrace.TooComplex {
            throw CommandFailure(.tooComplex())
        }
    }

    private func show(
        _ kind: String, _ answer: some Encodable, asText text: () -> String
    ) throws {
        switch output {
        case .json:
            Console.result(
                try JSONText.of(ExplainDocument(kind: kind, source: source, answer: answer)))
        case .text: Console.result(text())
        }
    }
}

extension [String] {
    /// The lines as one text.
    fileprivate var text: String { joined(separator: "\n") + "\n" }
}
