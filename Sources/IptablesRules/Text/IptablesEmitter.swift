package import Addressing
package import RuleIR

/// Emits rulesets as documents for iptables-restore(8), without side effects.
package struct IptablesEmitter: RulesetEmitter {
    package struct Output: Hashable, Sendable {
        /// The document of each redirected family, for its tool with `--noflush`.
        package var documents: [AddressFamily: String]
        /// The SHA-256 of the canonical rules, which `status` shows.
        package var digest: String

        /// The documents of both families under headings, as Kuma's dry run prints them.
        package var text: String {
            AddressFamily.allCases.compactMap { family in
                documents[family].map { "### \(family.displayName) ###\n\n\($0)" }
            }.joined(separator: "\n")
        }
    }

    private let isVerbose: Bool

    /// Creates an emitter; `isVerbose` selects long option names and headings.
    package init(isVerbose: Bool = false) {
        self.isVerbose = isVerbose
    }

    package func emit(_ ruleset: Ruleset) throws(RulesetProblem) -> Output {
        try ruleset.check()
        try ruleset.checkForIptables()
        let text = RestoreText(isVerbose: isVerbose)
        var documents: [AddressFamily: String] = [:]
        for family in ruleset.families {
            documents[family] = text.document(FamilyLowering.tables(of: ruleset, family))
        }
        return Output(documents: documents, digest: Self.digest(of: ruleset))
    }

    /// Returns the digest of both families, including one that isn't redirected.
    package static func digest(of ruleset: Ruleset) -> String {
        FamilyState.digest(
            AddressFamily.allCases.map {
                FamilyState.canonicalRules(FamilyLowering.tables(of: ruleset, $0))
            })
    }
}
