package import RuleIR

/// The comments on rules.
package enum IptablesComment {
    /// Kuma's prefix, by which tproxy and kumactl recognize each other's rules.
    package static let prefix = "kuma/mesh/transparent/proxy/"
    /// The maximum length: `XT_MAX_COMMENT_LEN` is 256 including the terminating zero; Kuma cuts at
    /// 254.
    private static let maximum = 254

    package static func text(_ rationale: Rationale) -> String {
        String("\(prefix)\(rationale.reason) [\(rationale.key)]".prefix(maximum))
    }

    /// Returns the rationale in a comment with Kuma's prefix; any other comment as its reason.
    static func rationale(_ comment: String?) -> Rationale {
        guard let comment, comment.hasPrefix(prefix) else {
            return Rationale(comment ?? "no comment", key: "")
        }
        return Rationale(comment: String(comment.dropFirst(prefix.count)))
    }
}
