/// A tally as JSON.
struct Report {
    private let value: JSON

    /// Times are in microseconds, except for that of the run, which is in milliseconds.
    init(_ tally: Tally) {
        let latency = tally.latency
        let troubles = tally.troubles.map { trouble in
            JSON.object([
                ("at", .number(trouble.milliseconds)), ("outcome", .text(trouble.outcome.rawValue)),
                ("target", .text(trouble.target)), ("words", .text(trouble.words)),
            ])
        }
        value = .object(
            [("sent", .number(tally.sent))]
                + Outcome.allCases.map { ($0.rawValue, .number(tally.count($0))) } + [
                    ("retransmitted", .number(tally.retransmitted)),
                    ("flows", .number(tally.flows)),
                    ("milliseconds", .number(tally.nanoseconds / 1_000_000)),
                    ("perSecond", .number(tally.perSecond)),
                    (
                        "latency",
                        .object([
                            ("p50", .number(latency.quantile(0.5) / 1000)),
                            ("p99", .number(latency.quantile(0.99) / 1000)),
                            ("max", .number(latency.maximum / 1000)),
                        ])
                    ),
                    ("troubles", .array(troubles)),
                ])
    }

    var text: String { value.text }
}

/// The part of JSON that a report needs.
indirect enum JSON {
    case number(UInt64)
    case text(String)
    case array([JSON])
    case object([(String, JSON)])

    var text: String {
        switch self {
        case .number(let number): "\(number)"
        case .text(let text): Self.quoted(text)
        case .array(let items): "[" + items.map(\.text).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.map { "\(Self.quoted($0)): \($1.text)" }.joined(separator: ", ") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        let characters = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case "\0"..<" ":
                "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            case _: String(scalar)
            }
        }
        return "\"" + characters.joined() + "\""
    }
}
