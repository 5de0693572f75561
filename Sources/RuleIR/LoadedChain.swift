package import Addressing

/// A chain that is in the kernel, whoever made it.
///
/// Only families whose packets our rules see; what the rules of it do is told as far as it can be in
/// the way of ours.
package struct LoadedChain: Hashable, Sendable, Codable {
    /// What keeps the chain.
    package enum Engine: String, Hashable, Sendable, Codable {
        /// nf_tables; tables of iptables-nft are there, too.
        case nftables
        /// ip_tables and ip6_tables, which iptables-legacy fills.
        case legacy
    }

    package enum Family: String, Hashable, Sendable, Codable {
        case ip
        case ip6
        /// Both.
        case inet

        /// Whether chains of this family see packets of the other.
        package func sees(_ family: AddressFamily) -> Bool {
            switch self {
            case .ip: family == .ipv4
            case .ip6: family == .ipv6
            case .inet: true
            }
        }
    }

    /// Where the kernel runs a base chain.
    package struct Base: Hashable, Sendable, Codable {
        /// `filter`, `nat` or `route`.
        package var type: String
        package var hook: Hook
        /// A chain with a lower number runs earlier.
        ///
        /// At equal numbers the one that was loaded last runs first.
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
    /// Nil for a chain that runs only when a rule jumps to it.
    package var base: Base?
    /// How many rules it has; for a regular chain, and the jumps that lead to it.
    package var uses: Int
    /// The chains that its rules jump or go to.
    package var jumps: Set<String> = []
    /// Whether a rule of it looks up in a map where to jump to: any chain of the table.
    package var hasVerdictMap = false
    /// Whether a rule of it changes destinations (dnat, redirect, tproxy).
    package var redirects = false
    /// Whether a rule of it rejects packets.
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
    /// `chain OUTPUT of table ip nat`, with `iptables-legacy` for tables of that.
    package var description: String {
        let place = "chain \(name) of table \(family.rawValue) \(table)"
        return engine == .legacy ? "\(place) (iptables-legacy)" : place
    }
}
