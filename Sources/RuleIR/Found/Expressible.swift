package import Addressing

/// As much of found rules as the IR can express, and a list of the rest.
package struct Expressible: Hashable, Sendable {
    /// What `RuleTrace` can follow a packet through.
    ///
    /// Not for `check()`: others' rules may do on a hook what ours never do.
    package var ruleset: Ruleset
    package var leftOut: [LeftOut]
}

/// A rule or a chain that found no place in the IR.
package struct LeftOut: Hashable, Sendable {
    package enum Reason: Hashable, Sendable {
        /// The IR has no words for it.
        case noWords
        /// The rules before it leave no packet for it.
        case unreachable
        /// It jumps to a chain that isn't there.
        case unknownChain(String)
        /// It leads back to where it came from, or too deep.
        case loop
        /// It accepts in a chain whose callers go on behind it.
        case acceptInChain
        /// The hook or priority isn't one that our rules stand on.
        case otherHook
        /// What reaches the end of the chain is dropped.
        case dropsAtEnd
        /// The table sees no IP packets, or not those of all families that were asked for.
        case otherFamily
    }

    package var table: String
    package var chain: String
    /// 1-based; nil for the chain as a whole.
    package var rule: Int?
    /// The rule in its tool's words where the IR has none.
    package var text: String?
    package var reason: Reason

    package init(
        table: String, chain: String, rule: Int?, text: String?, reason: Reason
    ) {
        self.table = table
        self.chain = chain
        self.rule = rule
        self.text = text
        self.reason = reason
    }
}

extension FoundRules {
    /// The rules for packets of `families` as a ruleset of the IR.
    ///
    /// What our own backends lower is put together again: the segments of a base chain, the rules
    /// behind an "owner is not", the chain of a "none of these".
    package func expressible(
        _ families: [AddressFamily] = AddressFamily.allCases, instance: InstanceName = .mesh
    ) -> Expressible {
        var raising = Raising()
        var bases: [RaisedBase] = []
        for table in tables {
            guard families.allSatisfy(table.families.contains) else {
                let isAbout =
                    table.families.isEmpty || families.contains(where: table.families.contains)
                if isAbout { raising.leaveOut(table, because: .otherFamily) }
                continue
            }
            bases += raising.raise(table)
        }
        let guarded = families.filter { family in
            !bases.isEmpty && bases.allSatisfy { $0.guardedFamilies.contains(family) }
        }
        let seen = families.filter { !guarded.contains($0) }
        let joined = raising.join(bases.map { $0.withoutGuards(of: guarded) })
        raising.cutLoops()
        return Expressible(
            ruleset: Ruleset(
                instance: instance, families: seen, sets: raising.sets, baseChains: joined,
                chains: raising.chains, hasComments: hasComments),
            leftOut: raising.leftOut)
    }

    /// Whether any rule says why it is there.
    private var hasComments: Bool {
        tables.contains { table in
            table.chains.contains { chain in
                chain.entries.contains { entry in
                    switch entry {
                    case .readable(let rule): rule.comment != nil
                    case .native(let rule): rule.comment != nil
                    }
                }
            }
        }
    }
}
