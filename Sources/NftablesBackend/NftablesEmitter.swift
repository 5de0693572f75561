package import RuleIR

/// Rulesets as libnftables JSON and as nft text; touches nothing.
package struct NftablesEmitter: RulesetEmitter {
    package struct Output: Hashable, Sendable {
        /// SHA-256 of the rules' normal form; `status` shows it.
        package var digest: String
        private let table: NftTable

        fileprivate init(_ table: NftTable, digest: String) {
            self.table = table
            self.digest = digest
        }

        // Every string of the table is ours and plain ASCII, which JSON always holds.
        // Each is written when it is asked for: of a long list, each takes longer than the lowering.

        /// What `apply` submits: one transaction, indented for people.
        package var json: String { (try? Jansson.text(table.replacement, .indented)) ?? "" }

        /// The same for `nft -f`.
        package var text: String { NftText(table).text }
    }

    private let version: String

    package init(version: String) {
        self.version = version
    }

    package func emit(_ ruleset: Ruleset) throws(RulesetProblem) -> Output {
        try ruleset.check()
        let table = NftTable(ruleset)
        let digest = TableForm(table).digest
        let whole = table.carrying(Identity(version: version, digest: digest, ownedAlias: nil))
        return Output(whole, digest: digest)
    }
}

extension NftTable {
    /// The table with its identity.
    func carrying(_ identity: Identity) -> NftTable {
        var table = self
        table.sets.insert(identity.set, at: 0)
        return table
    }
}
