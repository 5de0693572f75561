import RuleTrace

/// The outcomes of the packets of a file.
struct PacketTable: Encodable {
    struct Row: Encodable {
        private enum CodingKeys: String, CodingKey {
            case line
        }

        /// The line number in the file, from 1.
        var line: Int
        /// The answer, whose members are encoded beside `line`.
        var answer: PacketAnswer

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(line, forKey: .line)
            try answer.encode(to: encoder)
        }
    }

    var answers: [Row]

    init(_ packets: [PacketLine], _ trace: RuleTrace, _ words: TraceMessages) {
        answers = packets.map {
            Row(line: $0.number, answer: PacketAnswer(trace.explain($0.packet), words))
        }
    }

    /// Whether the whole path of every packet was evaluated.
    var isFollowed: Bool { answers.allSatisfy(\.answer.isFollowed) }

    /// Whether rules that can't be evaluated precede an answer.
    var isInDoubt: Bool { !answers.allSatisfy(\.answer.doubts.isEmpty) }

    /// The table with a row for each packet, and the number of packets by outcome.
    var text: ReportText {
        let cells = answers.map { row in
            let because = row.answer.deciding.map {
                $0.key.isEmpty ? $0.reason : "\($0.reason) [\($0.key)]"
            }
            return [
                Span("\(row.line)"), Self.outcome(row.answer), Span(row.answer.asked.shortText),
                Span(because ?? "-", .aside),
            ].map { [$0] }
        }
        var report = ReportText()
        report.add(TextTable(header: ["LINE", "OUTCOME", "PACKET", "BECAUSE"], cells: cells))
        report.addBlankLine()
        report.add(summary)
        return report
    }

    private var summary: String {
        let counts = ["redirected", "translated", "bypassed", "untouched", "dropped"].compactMap {
            outcome in
            let count = answers.count { $0.answer.outcome == outcome }
            return count > 0 ? "\(count) \(outcome)" : nil
        }
        let doubtful = answers.count { !$0.answer.doubts.isEmpty }
        let doubt = doubtful > 0 ? "; \(doubtful) in doubt, marked ?" : ""
        return PacketAnswer.counted(answers.count, "packet") + ": "
            + counts.joined(separator: ", ") + doubt
    }

    private static func outcome(_ answer: PacketAnswer) -> Span {
        let others = answer.alternatives.map { " (1 of \($0.count + 1))" } ?? ""
        let mark = (answer.doubts.isEmpty ? "" : "?") + others
        return switch answer.outcome {
        case "redirected":
            Span("proxy :\(answer.port.map { "\($0)" } ?? "")\(mark)", .redirected)
        case "bypassed": Span("bypassed\(mark)", .bypassed)
        case "dropped": Span("dropped\(mark)", .alarming)
        case _: Span(answer.outcome + mark)
        }
    }
}
