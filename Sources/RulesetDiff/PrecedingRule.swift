package import RuleIR

/// A foreign rule or chain that sees packets before our rules and may decide their NAT.
package enum PrecedingRule: Hashable, Sendable {
    /// A chain that runs before ours of this name, or at the same priority in unknown order.
    case chain(LoadedChain, before: String)
    /// A foreign rule that precedes ours in the same chain or jumps to our chains.
    case rule(ForeignRule, table: String, chain: String)

    /// Returns all that precedes the chains of `planned` that are meant to come first.
    ///
    /// The kernel decides NAT once for a connection, in the first chain that does so.
    package static func all(
        before planned: ListedRules, loaded: ListedRules?, chains: [LoadedChain]
    ) -> [PrecedingRule] {
        var preceding: [PrecedingRule] = []
        let ours = Set(planned.tables.map(\.name))
        for table in planned.tables {
            for chain in table.chains {
                if let attachment = chain.attachment, attachment.mustPrecedeForeignChains {
                    preceding += chains.filter {
                        !ours.contains("\($0.family.rawValue) \($0.table)")
                            && $0.runs(before: attachment, for: table)
                    }.map { .chain($0, before: chain.name) }
                }
                let found = loaded?.tables.first { $0.name == table.name }?.chain(named: chain.name)
                preceding += (found?.foreign ?? []).filter { rule in
                    rule.mentionsUs || rule.entriesBefore < chain.insertedCount ?? 0
                }.map { .rule($0, table: table.name, chain: chain.name) }
            }
        }
        return preceding
    }
}

extension HookAttachment {
    /// Whether this is a nat chain that must precede foreign chains.
    fileprivate var mustPrecedeForeignChains: Bool {
        type == "nat" && priority <= Stage.nat.priority
    }
}

extension LoadedChain {
    fileprivate func runs(before ours: HookAttachment, for table: ListedTable) -> Bool {
        guard let base, base.type == "nat", base.hook == ours.hook else { return false }
        // The tables of iptables have this priority themselves, and ours may be one of them.
        let isEarlier =
            ours.priority == Stage.nat.priority
            ? base.priority < ours.priority : base.priority <= ours.priority
        return isEarlier && table.families.contains(where: family.sees)
    }
}
