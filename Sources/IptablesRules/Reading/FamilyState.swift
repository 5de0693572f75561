import Digest
import RuleIR

/// What one family's tables hold of ours.
package struct FamilyState: Hashable, Sendable {
    /// Ours in one table.
    package struct Part: Hashable, Sendable {
        package var table: IptablesTable
        package var ownership: OwnershipChain?
        /// Our chains, those that nothing jumps to among them, in the tool's order.
        package var chains: [String]
        /// The rules of our chains that say something, in order.
        package var own: [SavedRule]
        /// Our rules in built-in chains, in order.
        package var hooked: [SavedRule]
        /// Rules of others in the built-in chains that ours stand in, in order.
        package var foreign: [SavedRule]
        /// Rules of others in built-in chains that say the same as one of ours.
        package var twins: [SavedRule]
        /// Rules of others that jump to chains of ours.
        package var references: [SavedRule]

        package var isEmpty: Bool { chains.isEmpty && hooked.isEmpty }

        func hasTwin(_ saved: SavedRule) -> Bool {
            twins.contains { $0.chain == saved.chain && $0.rule == saved.rule }
        }
    }

    package private(set) var parts: [Part] = []
    /// Rules of built-in chains that mention nothing of ours.
    package private(set) var foreignRules = 0
    /// Whether Docker's DNS rules are here.
    package private(set) var hasDocker = false
    /// Chains with our prefix that tproxy didn't make, or that lost their ownership, or those of Kuma up
    /// to 2.1.
    package private(set) var isForeign = false
    /// Tables with a probe's chain that nobody took out.
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
            let said = Set(hooked.map(Saying.init))
            let part = Part(
                table: table, ownership: ownership, chains: chains,
                own: found.rules.filter {
                    names.contains($0.chain) && $0.chain != IptablesChain.ownership
                }, hooked: hooked,
                foreign: foreign.filter { IptablesChain.ofHooks.contains($0.chain) },
                twins: others.filter { said.contains(Saying($0)) },
                references: others.filter { rule in
                    !names.contains(rule.chain)
                        && names.contains(rule.rule.target.dropFirst().first ?? "")
                })
            if !part.isEmpty { parts.append(part) }
        }
    }

    /// Nothing of ours.
    package init() {}

    /// What a rule says, wherever in its chain it stands.
    private struct Saying: Hashable {
        let chain: String
        let rule: IptablesRule

        init(_ saved: SavedRule) {
            chain = saved.chain
            rule = saved.rule
        }
    }

    package var isEmpty: Bool { parts.isEmpty }

    /// Whether the rules are the same, and what the ownerships say of them.
    package func holdsSame(as other: FamilyState) -> Bool {
        canonicalRules == other.canonicalRules
            && parts.map(\.ownership) == other.parts.map(\.ownership)
    }

    /// The ownership that speaks for the family: that of the first table that has one.
    package var ownership: OwnershipChain? { parts.lazy.compactMap(\.ownership).first }

    package func part(_ table: IptablesTable) -> Part? {
        parts.first { $0.table == table }
    }

    /// What the digest is of: every rule of ours with its chain, in order.
    package var canonicalRules: [String] {
        parts.flatMap { part in
            Self.canonicalRules(
                part.table,
                chains: part.chains.filter { $0 != IptablesChain.ownership },
                rules: part.hooked.map { (IptablesChain.hookName(of: $0.chain), $0.rule) }
                    + part.own.map { ($0.chain, $0.rule) })
        }
    }

    /// The same of what is to be loaded.
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

    /// Chains are sorted, since tools list them in an order of their own.
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
