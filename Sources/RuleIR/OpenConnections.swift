import Addressing

/// The treatment of TCP connections that are open when the first rules are loaded.
///
/// Nat rules decide on the first packet that conntrack sees of a connection. If conntrack wasn't in
/// use, that is the next packet of each open connection.
package enum OpenConnections: Hashable, Sendable {
    /// The connections bypass the proxy until they end.
    case keep
}

extension Ruleset {
    /// Whether a rule may redirect TCP, and so a connection that conntrack first sees midway.
    package var redirectsTCP: Bool {
        locatedRules.contains { located in
            if case .redirect = located.rule.action {
                return !located.rule.matches.contains(.transport(.udp))
            }
            return false
        }
    }
}
