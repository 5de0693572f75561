/// Which rules an answer is about.
struct RuleSource: Encodable {
    /// `plan` for what the configuration comes to, `ruleset` for files.
    var kind: String
    /// The files of a ruleset.
    var files: [String]

    static let plan = RuleSource(kind: "plan", files: [])
}
