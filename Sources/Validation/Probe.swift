import Addressing
import RuleIR
import RuleTrace
import Sockets

/// The connection that proves one path.
struct Probe {
    enum Expectation: Hashable {
        /// The connection arrives at this port of the proxy.
        case redirected(to: Port)
        /// The connection arrives at its destination, which is this host.
        case received
        /// The connection leaves this host: none of the proxy's ports has it.
        case notRedirected
    }

    let path: ValidatedPath
    /// The packet that begins the connection, as the rules see it.
    let packet: Packet
    let expectation: Expectation
    /// The rule that decides.
    let rule: String

    init(
        _ path: ValidatedPath, _ packet: Packet, _ expectation: Expectation,
        _ explanation: Explanation
    ) {
        self.path = path
        self.packet = packet
        self.expectation = expectation
        rule =
            explanation.decisive.map { "\($0.rule.rationale.reason) [\($0.key)]" } ?? "-"
    }

    var owner: UserID { packet.owner ?? .arbitrary }

    var destination: SocketAddress {
        SocketAddress(packet.destination, packet.destinationPort.number)
    }

    /// The address that the socket is bound to; nil if the kernel chooses it.
    var source: IPAddress? {
        packet.source == .unspecified(packet.family) ? nil : packet.source
    }

    var connection: String {
        "UID \(owner) to \(packet.destination) \(packet.transport.rawValue)"
            + " port \(packet.destinationPort)"
    }

    var expected: String {
        switch expectation {
        case .redirected(let port): "port \(port)"
        case .received: "the application"
        case .notRedirected: "not redirected"
        }
    }

    func result(_ verdict: PathResult.Verdict) -> PathResult {
        PathResult(
            path: path, connection: connection, expected: expected, rule: rule, verdict: verdict)
    }
}

/// The owners that this process can give to its sockets.
struct AvailableOwners {
    /// The UID of the process.
    let own: UserID
    /// Whether it may have sockets of other UIDs (CAP_SETUID).
    let hasOthers: Bool

    func contains(_ user: UserID) -> Bool { hasOthers || user == own }

    /// The reason why there is no connection of `user`.
    func reason(lacking user: String) -> String {
        "it needs \(user); this process has UID \(own) and not CAP_SETUID"
    }
}
