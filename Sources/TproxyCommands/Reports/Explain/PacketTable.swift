import RuleTrace

/// What happens to each packet of a file.
struct PacketTable: Encodable {
    struct Row: Encodable {
        private enum CodingKeys: String, CodingKey {
            case line
        }

        /// In the file, from 1.
        var line: Int
        /// Its members stand beside `line`.
        var answer: PacketAnswer

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(line, forKey: .line)
            try answer.encode(to: encoder)
        }
    }

    var answers: [Row]

    init(_ packets: [PacketLine], _ trace: RuleTrace, _ words: TraceWords) {
        answers = packets.map {
            Row(line: $0.number, answer: PacketAnswer(trace.explain($0.packet), words))
        }
    }

    /// The table, a row a packet.
    var table: TextTable {
        TextTable(
            header: ["LINE", "OUTCOME", "PACKET", "BECAUSE"],
            rows: answers.map { row in
                let answer = row.answer
                let because = answer.deciding.map {
                    $0.key.isEmpty ? $0.reason : "\($0.reason) [\($0.key)]"
                }
                return [
                    "\(row.line)", Self.outcome(answer), answer.asked.shortText, because ?? "-",
                ]
            })
    }

    /// How many there are of each outcome.
    var summary: String {
        let counts = ["redirected", "translated", "exempt", "untouched", "dropped"].compactMap {
            outcome in
            let count = answers.count { $0.answer.outcome == outcome }
            return count > 0 ? "\(count) \(outcome)" : nil
        }
        let doubtful = answers.count { !$0.answer.doubts.isEmpty }
        let doubt = doubtful > 0 ? "; \(doubtful) in doubt, marked ?" : ""
        return PacketAnswer.counted(answers.count, "packet") + ": "
            + counts.joined(separator: ", ") + doubt
    }

    private static func outcome(_ answer: PacketAnswer) -> String {
        let mark = answer.doubts.isEmpty ? "" : "?"
        return switch answer.outcome {
        case "redirected": "proxy :\(answer.port.map { "\($0)" } ?? "")\(mark)"
        case _: answer.outcome + mark
        }
    }
}
