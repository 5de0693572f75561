import Addressing

/// What becomes of the TCP connections that are open when rules are loaded where there were none.
///
/// Rules decide on the first packet that conntrack sees of a connection. Where conntrack wasn't in use,
/// that is the next packet of each connection that is open.
package enum OpenConnections: Hashable, Sendable {
    /// They go on as they are, past the proxy, until they end.
    case keep
}

extension Ruleset {
    /// Whether it may redirect TCP, and so a connection that conntrack meets in the middle.
    package var redirectsTCP: Bool {
        locatedRules.contains { located in
            if case .redirect = located.rule.action {
                return !located.rule.matches.contains(.transport(.udp))
            }
            return false
        }
    }
}
