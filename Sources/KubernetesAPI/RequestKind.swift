/// What a request to the API server does, and how it has ended.
package struct RequestKind: Hashable, Comparable, Sendable {
    package enum Verb: String, Sendable {
        case list
        case watch
    }

    package enum Outcome: Hashable, Sendable {
        /// The server has answered with this HTTP status.
        case answered(status: Int)
        case unanswered

        /// The value of the label in metrics: `200`, or `unanswered`.
        package var text: String {
            switch self {
            case .answered(let status): "\(status)"
            case .unanswered: "unanswered"
            }
        }
    }

    package let verb: Verb
    package let outcome: Outcome

    package init(_ verb: Verb, _ outcome: Outcome) {
        self.verb = verb
        self.outcome = outcome
    }

    init(_ verb: Verb, _ outcome: APITransfers.Outcome) {
        switch outcome {
        case .answered(let status): self.init(verb, .answered(status: status))
        case .failed: self.init(verb, .unanswered)
        }
    }

    /// The order of metrics: by verb, then by outcome.
    package static func < (left: Self, right: Self) -> Bool {
        (left.verb.rawValue, left.outcome.text) < (right.verb.rawValue, right.outcome.text)
    }
}
