/// A foreign table whose chains may drop packets, with its rules.
///
/// It holds only the chains that a hook leads to. A match that the IR can't express is a
/// `FilterCondition`, or makes the rule incomplete.
package struct FilterTable: Hashable, Sendable, Codable {
    /// The program whose commands change the table.
    package enum Tool: String, Hashable, Sendable, Codable {
        case nft
        case iptablesNft = "iptables-nft"
        case iptablesLegacy = "iptables-legacy"
    }

    package var tool: Tool
    package var family: LoadedChain.Family
    package var name: String
    package var chains: [FilterChain]
    package var sets: [NamedSet]

    package init(
        tool: Tool, family: LoadedChain.Family, name: String, chains: [FilterChain],
        sets: [NamedSet] = []
    ) {
        self.tool = tool
        self.family = family
        self.name = name
        self.chains = chains
        self.sets = sets
    }

    /// The table without the chains that no hook leads to.
    package var reachable: FilterTable {
        let byName = Dictionary(chains.map { ($0.name, $0) }) { first, _ in first }
        var reached: Set<String> = []
        var next = chains.filter { $0.base != nil }.map(\.name)
        while let name = next.popLast() {
            guard reached.insert(name).inserted, let chain = byName[name] else { continue }
            next += chain.rules.compactMap(\.effect.target)
        }
        var table = self
        table.chains = chains.filter { reached.contains($0.name) }
        return table
    }
}

extension FilterTable: CustomStringConvertible {
    /// The table's name, such as `table ip filter`; tables of iptables-legacy say so.
    package var description: String {
        let place = "table \(family.rawValue) \(name)"
        return tool == .iptablesLegacy ? "\(place) (iptables-legacy)" : place
    }
}

/// A chain of a filter table.
package struct FilterChain: Hashable, Sendable, Codable {
    package var name: String
    /// The hook and priority; nil for a regular chain.
    package var base: LoadedChain.Base?
    /// Whether the policy of a base chain drops packets that reach its end.
    package var dropsAtEnd: Bool
    package var rules: [FilterRule]

    package init(
        _ name: String, base: LoadedChain.Base? = nil, dropsAtEnd: Bool = false,
        rules: [FilterRule] = []
    ) {
        self.name = name
        self.base = base
        self.dropsAtEnd = dropsAtEnd
        self.rules = rules
    }
}

/// A rule of a filter table.
package struct FilterRule: Hashable, Sendable, Codable {
    /// The effect of the rule on a packet that matches it.
    package enum Effect: Hashable, Sendable, Codable {
        case accept
        /// Drops or rejects the packet.
        case drop
        case `return`
        case jump(String)
        case goto(String)
        /// Continues with the next rule.
        case aside
        /// The effect is unknown.
        case unknown

        /// The chain that the rule jumps or goes to.
        package var target: String? {
            switch self {
            case .jump(let name), .goto(let name): name
            case .accept, .drop, .return, .aside, .unknown: nil
            }
        }
    }

    /// The position in the chain, counted from 1.
    package var number: Int
    /// The rule as its tool lists it.
    package var text: String
    package var matches: [Match]
    package var conditions: [FilterCondition]
    /// Whether `matches` and `conditions` are all matches of the rule.
    package var isComplete: Bool
    /// The changes of marks before the effect.
    package var changes: [PacketChange]
    package var effect: Effect

    package init(
        number: Int, text: String, matches: [Match] = [], conditions: [FilterCondition] = [],
        isComplete: Bool = true, changes: [PacketChange] = [], effect: Effect
    ) {
        self.number = number
        self.text = text
        self.matches = matches
        self.conditions = conditions
        self.isComplete = isComplete
        self.changes = changes
        self.effect = effect
    }
}
