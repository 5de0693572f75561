import Digest
import RuleIR

/// Our rules and chains in the tables of one family.
package struct FamilyState: Hashable, Sendable {
    /// Our rules and chains in one table.
    package struct Part: Hashable, Sendable {
        package var table: IptablesTable
        package var ownership: OwnershipChain?
        /// Our chains in the tool's order, including those that no rule jumps to.
        package var chains: [String]
        /// The rules of our chains, without those of the ownership chain, in order.
        package var own: [SavedRule]
        /// Our rules in built-in chains, in order.
        package var hooked: [SavedRule]
        /// The foreign rules of the built-in chains that ours use, in order.
        package var foreign: [SavedRule]
        /// Foreign rules that are equal to one of ours in the same built-in chain.
        package var duplicates: [SavedRule]
        /// Foreign rules that jump to our chains.
        package var references: [SavedRule]

        package var isEmpty: Bool { chains.isEmpty && hooked.isEmpty }

        func hasDuplicate(_ saved: SavedRule) -> Bool {
            duplicates.contains { $0.chain == saved.chain && $0.rule == saved.rule }
        }
    }

    package private(set) var parts: [Part] = []
    /// The number of foreign rules in chains without our prefix.
    package private(set) var foreignRules = 0
    /// Whether Docker's DNS rules are present.
    package private(set) var hasDocker = false
    /// Whether chains exist that tproxy didn't make: chains with our prefix but without an
    /// ownership chain, or those of Kuma up to 2.1.
    package private(set) var isForeign = false
    /// The tables with a chain left over from an interrupted probe.
    package private(set) var leftoverProbes: [IptablesTable] = []

    package init(_ saved: SavedText) {
        for table in IptablesTable.allCases {
            guard let found = saved.table(table) else { continue }
            if found.chains.contains(IptablesChain.probe) { leftoverProbes.append(table) }
            let chains = found.chains.filter {
                $0.hasPrefix(IptablesChain.prefix) && $0 != IptablesChain.probe
            }
            let ownership = OwnershipChain(found.rules(of: IptablesChain.ownership).map(\.rule))
            if !chains.isEmpty, ownership == nil { isForeign = true }
            if !OldKumaChains.found(in: found).isEmpty { isForeign = true }
            let hooked = OwnRules.find(ownership?.copied ?? [], in: found)
            let others = found.rules.filter { [ours = Set(hooked)] in !ours.contains($0) }
            let foreign = others.filter { !$0.chain.hasPrefix(IptablesChain.prefix) }
            foreignRules += foreign.count
            hasDocker = hasDocker || found.chains.contains("DOCKER_OUTPUT")
            let names = Set(chains)
            let ourRules = Set(hooked.map(ChainRule.init))
            let part = Part(
                table: table, ownership: ownership, chains: chains,
                own: found.rules.filter {
                    names.contains($0.chain) && $0.chain != IptablesChain.ownership
                }, hooked: hooked,
                foreign: foreign.filter { IptablesChain.ofHooks.contains($0.chain) },
                duplicates: others.filter { ourRules.contains(ChainRule($0)) },
                references: others.filter { rule in
                    !names.contains(rule.chain)
                        && names.contains(rule.rule.target.dropFirst().first ?? "")
                })
            if !part.isEmpty { parts.append(part) }
        }
    }

    /// Creates a state without rules of ours.
    package init() {}

    /// A rule and its chain, regardless of the position in the chain.
    private struct ChainRule: Hashable {
        let chain: String
        let rule: IptablesRule

        init(_ saved: SavedRule) {
            chain = saved.chain
            rule = saved.rule
        }
    }

    package var isEmpty: Bool { parts.isEmpty }

    /// Whether both states have the same rules and the same ownership records.
    package func holdsSame(as other: FamilyState) -> Bool {
        canonicalRules == other.canonicalRules
            && parts.map(\.ownership) == other.parts.map(\.ownership)
    }

    /// The ownership record of the family: that of the first table that has one.
    package var ownership: OwnershipChain? { parts.lazy.compactMap(\.ownership).first }

    package func part(_ table: IptablesTable) -> Part? {
        parts.first { $0.table == table }
    }

    /// The rules that the digest covers: each of ours with its chain, in order.
    package var canonicalRules: [String] {
        parts.flatMap { part in
            Self.canonicalRules(
                part.table,
                chains: part.chains.filter { $0 != IptablesChain.ownership },
                rules: part.hooked.map { (IptablesChain.hookName(of: $0.chain), $0.rule) }
                    + part.own.map { ($0.chain, $0.rule) })
        }
    }

    /// Returns the rules that the digest covers, for contents to be loaded.
    package static func canonicalRules(_ contents: [TableContent]) -> [String] {
        contents.flatMap { content in
            canonicalRules(
                content.table, chains: content.chains,
                rules: (content.hooked + content.own).map { ($0.chain, $0.rule.normalized) })
        }
    }

    /// SHA-256 of the canonical forms of both families.
    package static func digest(_ forms: [[String]]) -> String {
        SHA256.hexadecimal(forms.map { $0.joined(separator: "\n") }.joined(separator: "\n\n").utf8)
    }

    /// Returns the canonical rules of one table; chains are sorted, because the tools order them
    /// differently.
    private static func canonicalRules(
        _ table: IptablesTable, chains: [String], rules: [(chain: String, rule: IptablesRule)]
    ) -> [String] {
        let names = (["PREROUTING", "OUTPUT"] + chains.sorted())
        let byChain = Dictionary(grouping: rules, by: \.chain)
        return ["*\(table.rawValue)"] + chains.sorted().map { ":\($0)" }
            + names.flatMap { name in
                (byChain[name] ?? []).map { entry in
                    RestoreText.line(["-A", name] + entry.rule.arguments)
                }
            }
    }
}
