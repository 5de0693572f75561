/// A datagram that asks for an answer, and is known again in it.
enum Query {
    static func bytes(_ serial: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: serial >> ($0 * 8)) }
    }
}

extension Outcome {
    /// What a greeting says of a connection to `destination`; nil is somebody unknown.
    init(_ greeting: Greeting?, _ expected: Role, _ destination: Destination) {
        self =
            switch greeting {
            case .some(let greeting) where greeting.role == expected:
                greeting.destination == destination ? .captured : .altered
            case .some, .none: .misdirected
            }
    }
}
