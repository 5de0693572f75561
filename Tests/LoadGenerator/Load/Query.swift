/// A datagram that asks for an answer, which repeats it.
enum Query {
    static func bytes(_ serial: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: serial >> ($0 * 8)) }
    }
}

extension Outcome {
    /// The outcome of a connection to `destination` by its greeting; nil is an unknown server.
    init(_ greeting: Greeting?, _ expected: Role, _ destination: Destination) {
        self =
            switch greeting {
            case .some(let greeting) where greeting.role == expected:
                greeting.destination == destination ? .correct : .altered
            case .some, .none: .misdirected
            }
    }
}
