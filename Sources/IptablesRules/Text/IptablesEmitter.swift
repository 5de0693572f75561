package import Addressing
package import RuleIR

/// Rulesets as documents for iptables-restore(8); touches nothing.
package struct IptablesEmitter: RulesetEmitter {
    package struct Output: Hashable, Sendable {
        /// For each captured family the document that its tool takes with `--noflush`.
        package var documents: [AddressFamily: String]
        /// SHA-256 of the rules' canonical form; `status` shows it.
        package var digest: String

        /// Both families under headings, as Kuma's dry run prints them.
        package var text: String {
            AddressFamily.allCases.compactMap { family in
                documents[family].map { "### \(family.displayName) ###\n\n\($0)" }
            }.joined(separator: "\n")
        }
    }

    private let isVerbose: Bool

    /// `isVerbose`: long names of options and headings between the parts.
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

    /// The digest of both families, also of one that isn't captured.
    package static func digest(of ruleset: Ruleset) -> String {
        FamilyState.digest(
            AddressFamily.allCases.map {
                FamilyState.canonicalRules(FamilyLowering.tables(of: ruleset, $0))
            })
    }
}
