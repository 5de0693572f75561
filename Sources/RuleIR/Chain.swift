package import Addressing

/// Matches and an action, which the kernel takes when all matches hold.
package struct Rule: Hashable, Sendable, Codable {
    package var matches: [Match]
    package var action: Action
    package var rationale: Rationale

    package init(_ matches: [Match], then action: Action, because rationale: Rationale) {
        self.matches = matches
        self.action = action
        self.rationale = rationale
    }

    /// The users that the rule's matches exclude as owners of the socket.
    package var excludedOwners: [UserID] {
        matches.compactMap { match in
            guard case .owner(.isNot(let user)) = match else { return nil }
            return user
        }
    }

    /// The transport protocol that the rule matches; nil for all.
    package var transport: TransportProtocol? {
        for case .transport(let transport) in matches { return transport }
        return nil
    }
}

/// The reason for a rule, and the key that it comes from.
package struct Rationale: Hashable, Sendable, Codable {
    /// A short text in plain ASCII without quotes, such as `proxy's own traffic`.
    package var reason: String
    /// The configuration key that the rule comes from, such as `redirect.outbound.port`.
    package var key: String

    package init(_ reason: String, key: String) {
        self.reason = reason
        self.key = key
    }

    /// The text `reason [key]`, or the reason alone.
    package var words: String { key.isEmpty ? reason : "\(reason) [\(key)]" }
}

/// A regular chain, which is evaluated only when a rule of its stage jumps to it.
package struct Chain: Hashable, Sendable, Codable {
    package var name: ChainName
    package var stage: Stage
    package var rules: [Rule]

    package init(_ name: ChainName, _ stage: Stage, _ rules: [Rule]) {
        self.name = name
        self.stage = stage
        self.rules = rules
    }
}

/// The iptables table that a chain corresponds to, which determines when it runs on a hook.
package enum Stage: String, Hashable, Sendable, CaseIterable {
    /// Before conntrack (priority -300).
    case raw
    /// After conntrack, before NAT in prerouting (priority -150).
    case mangle
    /// Destination NAT (priority -100): first packets of connections only.
    case nat

    /// The priority of the table of this name in iptables (`enum nf_ip_hook_priorities`).
    package var priority: Int {
        switch self {
        case .raw: -300
        case .mangle: -150
        case .nat: -100
        }
    }
}

/// A point in the network stack at which the kernel evaluates base chains.
package enum Hook: String, Hashable, Sendable, CaseIterable {
    /// Sees every packet that arrives on an interface.
    case prerouting
    /// Sees every packet that a process of this host sends.
    case output
}

/// The rules on one hook, in two segments.
///
/// Rules in `first` run before the rules of other programs (iptables `-I`), those in `last` after
/// them (`-A`). A packet that returns in `first` never reaches `last`.
package struct BaseChain: Hashable, Sendable, Codable {
    package var stage: Stage
    package var hook: Hook
    package var first: [Rule]
    package var last: [Rule]

    package init(_ stage: Stage, _ hook: Hook, first: [Rule] = [], last: [Rule] = []) {
        self.stage = stage
        self.hook = hook
        self.first = first
        self.last = last
    }

    /// The rules of the chain that runs before other programs' chains, where segments are chains.
    ///
    /// Bypasses at the end of `first` aren't part of it. In a chain of their own they would have no
    /// effect, and `last` begins with all bypasses.
    package var early: ArraySlice<Rule> {
        let last = first.lastIndex { !$0.action.isBypass }
        return first.prefix(last.map { $0 + 1 } ?? 0)
    }
}
