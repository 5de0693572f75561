package import Addressing

/// A chain in the kernel, ours or foreign.
///
/// It is of a family whose packets our rules see. The effects of its rules are known only as far as
/// they may conflict with ours.
package struct LoadedChain: Hashable, Sendable, Codable {
    /// The kernel subsystem that holds the chain.
    package enum Engine: String, Hashable, Sendable, Codable {
        /// nf_tables, which also holds the tables of iptables-nft.
        case nftables
        /// ip_tables and ip6_tables, which iptables-legacy fills.
        case legacy
    }

    package enum Family: String, Hashable, Sendable, Codable {
        case ip
        case ip6
        /// Both families.
        case inet

        /// Returns whether chains of this family see packets of `family`.
        package func sees(_ family: AddressFamily) -> Bool {
            switch self {
            case .ip: family == .ipv4
            case .ip6: family == .ipv6
            case .inet: true
            }
        }
    }

    /// The hook, type and priority of a base chain.
    package struct Base: Hashable, Sendable, Codable {
        /// The chain type: `filter`, `nat` or `route`.
        package var type: String
        package var hook: Hook
        /// The priority; chains with a lower number run first.
        ///
        /// Of chains with equal numbers, the one that was loaded last runs first.
        package var priority: Int

        package init(type: String, hook: Hook, priority: Int) {
            self.type = type
            self.hook = hook
            self.priority = priority
        }

        package init(_ attachment: HookAttachment) {
            self.init(
                type: attachment.type, hook: attachment.hook, priority: attachment.priority)
        }
    }

    package var engine: Engine
    package var family: Family
    package var table: String
    package var name: String
    /// The hook and priority; nil for a regular chain.
    package var base: Base?
    /// The number of rules; for a regular chain, plus the jumps that lead to it.
    package var uses: Int
    /// The targets of the jumps and gotos in its rules.
    package var jumps: Set<String> = []
    /// Whether a rule jumps through a verdict map, possibly to any chain of the table.
    package var hasVerdictMap = false
    /// Whether a rule changes destinations (dnat, redirect, tproxy).
    package var redirects = false
    /// Whether a rule rejects packets.
    package var rejects = false

    package init(
        engine: Engine, family: Family, table: String, name: String, base: Base? = nil,
        uses: Int = 0
    ) {
        self.engine = engine
        self.family = family
        self.table = table
        self.name = name
        self.base = base
        self.uses = uses
    }
}

extension LoadedChain: CustomStringConvertible {
    /// The name, such as `chain OUTPUT of table ip nat`; chains of iptables-legacy say so.
    package var description: String {
        let place = "chain \(name) of table \(family.rawValue) \(table)"
        return engine == .legacy ? "\(place) (iptables-legacy)" : place
    }
}
