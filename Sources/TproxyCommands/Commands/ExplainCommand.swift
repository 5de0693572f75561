import ArgumentParser
import RuleIR
import RuleTrace
import TproxyOperations

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explain what happens to a packet and which rule decides it.",
        discussion: "Needs no root and changes nothing.")

    @OptionGroup(title: "The packet") var packet: PacketOptions
    @OptionGroup(title: "The question") var question: QuestionOptions

    @Option(help: "The output format.")
    var output: OutputFormat = .text

    @OptionGroup var screen: ScreenOptions

    @OptionGroup var facts: FactsOptions
    @OptionGroup var configuration: ConfigurationOptions

    func validate() throws {
        try question.check(isPacketGiven: packet.isGiven, hasDestination: packet.to != nil)
    }

    func run() throws {
        let answers = ExplainAnswers(try subject(), output)
        if let why = question.why {
            try answers.why(why, packet)
        } else if let file = question.packets {
            try answers.packets(of: InputFile(file))
        } else if question.flow {
            try answers.flow(of: packet, withPath: question.path)
        } else {
            try answers.packet(packet, withPath: question.path)
        }
    }

    private func subject() throws -> ExplainSubject {
        guard !question.ruleset.isEmpty else {
            return ExplainSubject(try Plan(configuration.sources, facts.facts, .mesh))
        }
        let config = try configuration.sources.load()
        let given = try facts.facts.map { _ in try facts.load(for: config) }
        let subject = try ExplainSubject(files: question.ruleset, config, given)
        Console.report(subject.notices)
        return subject
    }
}

/// Prints the answers of `explain` in the requested format.
struct ExplainAnswers {
    private let subject: ExplainSubject
    private let output: OutputFormat
    private let words: TraceMessages
    private let source: RuleSource

    init(_ subject: ExplainSubject, _ output: OutputFormat) {
        self.subject = subject
        self.output = output
        switch subject.origin {
        case .plan(let config):
            words = TraceMessages(subject.trace.rules, config: config)
            source = .plan
        case .files(let files, let found):
            words = TraceMessages(found.rules, config: nil)
            source = RuleSource(files, found, words)
        }
    }

    func packet(_ options: PacketOptions, withPath: Bool) throws {
        let packet = try options.packet(on: subject.proxy.addresses)
        let answer = PacketAnswer(subject.trace.explain(packet), words)
        try show("packet", answer, isInDoubt: !answer.doubts.isEmpty, isFollowed: answer.isFollowed)
        {
            answer.text(withPath: withPath)
        }
    }

    func flow(of options: PacketOptions, withPath: Bool) throws {
        let packet = try options.packet(on: subject.proxy.addresses)
        let flow = FlowTrace(subject.trace, proxy: subject.proxy).follow(packet)
        let report = FlowReport(flow, words)
        try show(
            "flow", report, isInDoubt: report.isInDoubt, isFollowed: report.isFollowed
        ) { report.text(withPath: withPath) }
    }

    func packets(of file: InputFile) throws {
        let packets = try PacketLine.read(file, on: subject.proxy.addresses)
        let table = PacketTable(packets, subject.trace, words)
        try show("packets", table, isInDoubt: table.isInDoubt, isFollowed: table.isFollowed) {
            table.text
        }
    }

    func why(_ why: QuestionOptions.Why, _ options: PacketOptions) throws {
        var text = options.text
        guard let pattern = text.pattern() else { throw OperationFailure(text.problems) }
        Console.report(text.notes)
        do {
            let answer = try subject.trace.answer(pattern, on: subject.proxy.addresses)
            let report = PatternReport(why, text.words, answer, words)
            try show("why", report, isInDoubt: report.isInDoubt, isFollowed: false) {
                report.text
            }
        } catch is RuleTrace.TooComplex {
            throw OperationFailure(.tooComplex())
        }
    }

    private func show(
        _ kind: String, _ answer: some Encodable, isInDoubt: Bool, isFollowed: Bool,
        asText text: () -> ReportText
    ) throws {
        let source = self.source.of(followedAnswer: isFollowed)
        switch output {
        case .json:
            try Console.document(
                ExplainDocument(kind: kind, source: source, answer: answer))
        case .text:
            var report = text()
            source.addNotes(to: &report, isInDoubt: isInDoubt)
            Console.page(report)
        }
    }
}
