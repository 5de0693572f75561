package import Addressing

/// When every match holds, the kernel takes the action.
package struct Rule: Hashable, Sendable, Codable {
    package var matches: [Match]
    package var action: Action
    package var rationale: Rationale

    package init(_ matches: [Match], then action: Action, because rationale: Rationale) {
        self.matches = matches
        self.action = action
        self.rationale = rationale
    }

    /// The users of whom none may own the socket.
    package var excludedOwners: [UserID] {
        matches.compactMap { match in
            guard case .owner(.isNot(let user)) = match else { return nil }
            return user
        }
    }

    /// The transport protocol that it is for; nil if for all.
    package var transport: TransportProtocol? {
        for case .transport(let transport) in matches { return transport }
        return nil
    }
}

/// Why a rule exists.
package struct Rationale: Hashable, Sendable, Codable {
    /// A few words of plain ASCII without quotes, such as `proxy's own traffic`.
    package var reason: String
    /// The configuration path that the rule comes from, such as `redirect.outbound.port`.
    package var key: String

    package init(_ reason: String, key: String) {
        self.reason = reason
        self.key = key
    }
}

/// A regular chain: it runs only when a rule jumps to it, from a chain of its stage.
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

/// The work that a chain does, and so when the kernel runs it on a hook.
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

/// A place on a packet's way where the kernel runs base chains.
package enum Hook: String, Hashable, Sendable, CaseIterable {
    /// Every packet that arrives on an interface.
    case prerouting
    /// Every packet that a process of this host sends.
    case output
}

/// The rules on one hook, in two parts.
///
/// Rules in `first` come before everybody's (iptables `-I`), those in `last` after (`-A`). A packet
/// that returns in `first` never meets `last`.
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

    /// What must run before everybody's rules where the segments are two chains (nftables).
    ///
    /// Exemptions at the end of `first` aren't part of it: in a chain of its own they exempt from
    /// nothing, and `last` begins with all bypasses.
    package var early: ArraySlice<Rule> {
        let last = first.lastIndex { !$0.action.isBypass }
        return first.prefix(last.map { $0 + 1 } ?? 0)
    }
}
