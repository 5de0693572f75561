import RuleIR

extension InstalledRuleset {
    /// Describes a table that the kernel has just accepted; its counters are zero.
    init(_ table: NftTable, _ identity: Identity) {
        self.init(
            name: "table inet \(table.name)", version: identity.version, digest: identity.digest,
            isIntact: true, ownedPrerequisites: identity.ownedPrerequisites,
            hooks: table.chains.compactMap { chain in
                chain.base.map { base in
                    Hook(
                        chain: chain.name, type: base.type, hook: base.hook.rawValue,
                        priority: base.priority)
                }
            },
            counters: table.chains.flatMap { chain in
                chain.rules.map { rule in
                    RuleCounter(
                        chain: chain.name, comment: rule.comment ?? "", packets: 0, bytes: 0)
                }
            })
        submission = identity.submission
        loadedAt = identity.loadedAt
    }

    /// Describes a table as the kernel lists it.
    init(_ table: KernelTable, named name: String, _ identity: Identity, isIntact: Bool) {
        self.init(
            name: "table inet \(name)", version: identity.version, digest: identity.digest,
            isIntact: isIntact, ownedPrerequisites: identity.ownedPrerequisites,
            hooks: table.chains.compactMap { chain in
                chain.base.map { base in
                    Hook(
                        chain: chain.name, type: base.type,
                        hook: base.hook.rawValue, priority: base.priority)
                }
            },
            counters: table.rules.compactMap { rule in
                rule.count.map { count in
                    RuleCounter(
                        chain: rule.chain, comment: rule.comment ?? "", packets: count.packets,
                        bytes: count.bytes)
                }
            })
        submission = identity.submission
        loadedAt = identity.loadedAt
    }
}
