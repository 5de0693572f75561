import JSON

/// A tally as JSON.
struct Report {
    private let value: JSONValue

    /// Times are in microseconds, except for that of the run, which is in milliseconds.
    init(_ tally: Tally) {
        let latency = tally.latency
        let troubles = tally.troubles.map { trouble -> JSONValue in
            [
                "at": .count(trouble.milliseconds), "outcome": .string(trouble.outcome.rawValue),
                "target": .string(trouble.target), "words": .string(trouble.words),
            ]
        }
        var members: [String: JSONValue] = [
            "sent": .count(tally.sent), "retransmitted": .count(tally.retransmitted),
            "flows": .count(tally.flows),
            "milliseconds": .count(tally.nanoseconds / 1_000_000),
            "perSecond": .count(tally.perSecond),
            "latency": [
                "p50": .count(latency.quantile(0.5) / 1000),
                "p99": .count(latency.quantile(0.99) / 1000),
                "max": .count(latency.maximum / 1000),
            ],
            "troubles": .array(troubles),
        ]
        for outcome in Outcome.allCases {
            members[outcome.rawValue] = .count(tally.count(outcome))
        }
        value = .object(members)
    }

    var text: String { value.text(.line) }
}

extension JSONValue {
    static func count(_ number: UInt64) -> JSONValue { .number(Int(clamping: number)) }
}
