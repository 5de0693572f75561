package import RuleIR

/// Something that sees packets before our rules do and may decide over them.
package enum PrecedingRule: Hashable, Sendable {
    /// A chain that the kernel runs before ours of this name, or at the same priority in an order that
    /// nobody can tell.
    case chain(LoadedChain, before: String)
    /// A rule of another program, which stands before ours in the same chain or leads to our chains.
    case rule(ForeignRule, table: String, chain: String)

    /// All that stands before `planned`, where it is to be before everybody.
    ///
    /// The kernel decides NAT once for a connection: the first chain that does decides.
    package static func shadows(
        over planned: ListedRules, loaded: ListedRules?, chains: [LoadedChain]
    ) -> [PrecedingRule] {
        var shadows: [PrecedingRule] = []
        let ours = Set(planned.tables.map(\.name))
        for table in planned.tables {
            for chain in table.chains {
                if let attachment = chain.attachment, attachment.runsBeforeOtherPrograms {
                    shadows += chains.filter {
                        !ours.contains("\($0.family.rawValue) \($0.table)")
                            && $0.runs(before: attachment, for: table)
                    }.map { .chain($0, before: chain.name) }
                }
                let found = loaded?.tables.first { $0.name == table.name }?.chain(named: chain.name)
                shadows += (found?.foreign ?? []).filter { rule in
                    rule.mentionsUs || rule.entriesBefore < chain.insertedCount ?? 0
                }.map { .rule($0, table: table.name, chain: chain.name) }
            }
        }
        return shadows
    }
}

extension HookAttachment {
    /// Whether it decides over NAT and isn't meant to come after others.
    fileprivate var runsBeforeOtherPrograms: Bool {
        type == "nat" && priority <= Stage.nat.priority
    }
}

extension LoadedChain {
    fileprivate func runs(before ours: HookAttachment, for table: ListedTable) -> Bool {
        guard let base, base.type == "nat", base.hook == ours.hook else { return false }
        // Tables of iptables are at this priority themselves, and ours may be one of them.
        let isEarlier =
            ours.priority == Stage.nat.priority
            ? base.priority < ours.priority : base.priority <= ours.priority
        return isEarlier && table.families.contains(where: family.sees)
    }
}
