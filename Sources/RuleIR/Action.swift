package import Addressing

/// The action of a rule.
///
/// One per rule, because an iptables rule has one target.
package enum Action: Hashable, Sendable {
    /// Ends this chain; evaluation continues in the calling chain.
    ///
    /// In a base chain, ends both of its segments: the packet bypasses our rules. Foreign chains
    /// still see it.
    case `return`
    /// Evaluates a regular chain, and continues with the next rule if that chain returns.
    case jump(ChainName)
    /// Redirects the connection to this port of the local host and ends evaluation.
    ///
    /// The address becomes 127.0.0.1 or ::1 in output, and the incoming interface's own in
    /// prerouting. Valid for TCP and UDP in the nat table.
    case redirect(Port)
    /// Drops the packet.
    case drop
    /// Writes a line to the kernel log and continues with the next rule.
    case log(prefix: LogPrefix, level: LogLevel)
    /// Assigns the connection to a conntrack zone and ends this base chain. Raw table only.
    case conntrackZone(UInt16)
    /// Leaves the packet to Docker's own DNS rules (`DOCKER_OUTPUT`), then ends this base chain.
    ///
    /// iptables jumps there. In nftables nothing is needed, because Docker's chain runs after ours.
    case yieldToDockerDNS

    /// Whether the action only keeps the packet from the rules that follow.
    package var isBypass: Bool {
        switch self {
        case .return, .yieldToDockerDNS: true
        case .jump, .redirect, .drop, .log, .conntrackZone: false
        }
    }
}

/// The prefix of a line in the kernel log.
package enum LogPrefix: String, Hashable, Sendable {
    case output = "OUTPUT:"
    case prerouting = "PREROUTING:"
}

/// A syslog severity, 0 (emergency) to 7 (debug); RFC 5424 section 6.2.1.
package struct LogLevel: Hashable, Sendable {
    package let number: Int

    package init?(_ number: Int) {
        guard (0...7).contains(number) else { return nil }
        self.number = number
    }
}
