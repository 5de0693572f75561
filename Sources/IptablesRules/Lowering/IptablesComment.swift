package import RuleIR

/// The words on a rule.
package enum IptablesComment {
    /// Kuma's prefix, by which it and we find each other's rules.
    package static let prefix = "kuma/mesh/transparent/proxy/"
    /// `XT_MAX_COMMENT_LEN` is 256 with the final zero; Kuma cuts at 254.
    private static let maximum = 254

    package static func text(_ rationale: Rationale) -> String {
        String("\(prefix)\(rationale.reason) [\(rationale.key)]".prefix(maximum))
    }

    /// What a comment says, behind Kuma's prefix; the whole comment where it isn't ours.
    static func rationale(_ comment: String?) -> Rationale {
        guard let comment, comment.hasPrefix(prefix) else {
            return Rationale(comment ?? "no comment", key: "")
        }
        return Rationale(comment: String(comment.dropFirst(prefix.count)))
    }
}
