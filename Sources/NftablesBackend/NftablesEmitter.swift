package import RuleIR

/// Emits rulesets as libnftables JSON and as nft text; touches nothing.
package struct NftablesEmitter: RulesetEmitter {
    package struct Output: Equatable, Sendable {
        /// The SHA-256 of the canonical form, as `status` shows it.
        package var digest: String { planned.digest }
        private let planned: PlannedTable
        private let identity: Identity

        fileprivate init(_ planned: PlannedTable, _ identity: Identity) {
            self.planned = planned
            self.identity = identity
        }

        package static func == (left: Self, right: Self) -> Bool {
            left.planned.table == right.planned.table && left.identity == right.identity
        }

        // Each form is written on demand: for a long list, each takes longer than the lowering.

        /// The document that `apply` submits through libnftables if nothing is loaded.
        ///
        /// It is one transaction with one command a line. New interval sets are submitted before
        /// the rest (decision 0038).
        package var json: String {
            TableTransaction.whole(from: nil, to: planned, saying: identity).document ?? ""
        }

        /// Text that `nft -f` loads in place of the loaded rules.
        ///
        /// Its identity records neither a submission nor prerequisites, because nft makes none.
        package var text: String { text(owning: []) }

        /// Returns the text with an identity that records the prerequisites that were made for the
        /// rules.
        package func text(owning owned: [HostPrerequisite]) -> String {
            let identity = Identity(
                version: identity.version, digest: identity.digest, ownedPrerequisites: owned)
            return NftText(planned.table.carrying(identity)).text
        }
    }

    private let version: String

    package init(version: String) {
        self.version = version
    }

    package func emit(_ ruleset: Ruleset) throws(RulesetProblem) -> Output {
        try ruleset.check()
        let planned = PlannedTable(NftTable(ruleset))
        let identity = Identity(
            version: version, digest: planned.digest, ownedPrerequisites: ruleset.prerequisites)
        return Output(planned, identity)
    }
}

extension NftTable {
    /// Returns the table with its identity.
    func carrying(_ identity: Identity) -> NftTable {
        var table = self
        table.sets.insert(identity.set, at: 0)
        return table
    }
}
