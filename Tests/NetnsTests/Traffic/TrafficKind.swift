/// The kinds of traffic that run side by side.
///
/// The host's application has addresses .2 to .9 of the link, and the other host the rest of it and
/// all networks beyond; both families alternate.
enum TrafficKind: String, CaseIterable {
    /// New connections from this host to others.
    case outbound
    /// New connections from another host to this one.
    case inbound
    /// DNS queries, each from another port.
    case queries
    /// Long-lived connections, from and to this host, with a message every 100 ms on each.
    case connectionsOut = "connections-out"
    case connectionsIn = "connections-in"
    /// Long-lived UDP flows, with a message every 100 ms on each.
    case datagrams

    /// The arguments of `LoadGenerator`, without the duration.
    var words: [String] {
        switch self {
        case .outbound: ["connect", "--rate", "500"] + Self.outward(port: 80)
        case .inbound: ["connect", "--rate", "100"] + Self.inward
        case .queries: ["datagrams", "--rate", "100"] + Self.outward(port: 53)
        case .connectionsOut: Self.stream(32) + Self.outward(port: 80)
        case .connectionsIn: Self.stream(16) + Self.inward
        case .datagrams: Self.stream(16) + ["--udp"] + Self.outward(port: 53)
        }
    }

    var isFromOtherHost: Bool {
        switch self {
        case .inbound, .connectionsIn: true
        case .outbound, .queries, .connectionsOut, .datagrams: false
        }
    }

    private static func stream(_ flows: Int) -> [String] {
        ["stream", "--interval-milliseconds", "100", "--flows", "\(flows)"]
    }

    private static func outward(port: Int) -> [String] {
        (1...8).flatMap { number in
            ["--target", "10.88.0.\(number):\(port)", "--target", "[fd88::\(number)]:\(port)"]
        }
            + (2...9).flatMap { number in
                ["--source", "10.77.0.\(number)", "--source", "fd77::\(number)"]
            }
    }

    private static let inward =
        (2...9).flatMap { number in
            ["--target", "10.77.0.\(number):8080", "--target", "[fd77::\(number)]:8080"]
        }
        + (17...24).flatMap { number in
            ["--source", "10.77.0.\(number)", "--source", "fd77::\(number)"]
        }
}
