package import Addressing

/// What a rule does.
///
/// One per rule, because an iptables rule has one target.
package enum Action: Hashable, Sendable {
    /// Ends this chain; evaluation goes on behind the jump that led here. In a base chain, ends
    /// both of its segments: the packet is exempt from us. Foreign chains still see it.
    case `return`
    /// Runs a regular chain, then goes on with the next rule if that chain returns.
    case jump(ChainName)
    /// Sends the connection to this port of the local host and ends evaluation.
    ///
    /// The address becomes 127.0.0.1 or ::1 in output, and the incoming interface's own in
    /// prerouting. Valid for TCP and UDP in the nat table.
    case redirect(Port)
    /// Ends the packet's life.
    case drop
    /// Writes a line to the kernel log and goes on with the next rule.
    case log(prefix: LogPrefix, level: LogLevel)
    /// Puts the connection in a conntrack zone and ends this base chain. Raw table only.
    case conntrackZone(UInt16)
    /// Leaves the packet to Docker's own DNS rules (`DOCKER_OUTPUT`), then ends this base chain.
    ///
    /// iptables jumps there; in nftables Docker's chain comes after ours by itself.
    case yieldToDockerDNS

    /// Whether it does nothing to the packet but keep it from the rules behind.
    package var isBypass: Bool {
        switch self {
        case .return, .yieldToDockerDNS: true
        case .jump, .redirect, .drop, .log, .conntrackZone: false
        }
    }
}

/// The words before a line of the kernel log.
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
