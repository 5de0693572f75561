import RuleTrace
import TproxyOperations

/// The rules that an answer covers, and those that it doesn't.
struct RuleSource: Encodable {
    struct File: Encodable {
        var name: String
        /// `iptables-save`, `nft-json` or `direct-xml`.
        var format: String
    }

    struct Unseen: Encodable {
        var table: String
        var chain: String
        var hook: String
        var rules: Int
    }

    /// The number of rules that are printed.
    private static let shown = 3

    /// `plan` for rules of the configuration, `ruleset` for rules of files.
    var kind: String
    var files: [File]
    /// The number of rules on the hooks of NAT.
    var ruleCount: Int
    /// Rules among them that can't be evaluated.
    var leftOut: [PacketAnswer.Step]
    /// Chains on other hooks, which may still drop the packet.
    var unseen: [Unseen]
    /// Those of `unseen` that are evaluated for a packet whose path is known.
    private var later: [Unseen] = []

    private enum CodingKeys: String, CodingKey {
        case kind, files, ruleCount, leftOut, unseen
    }

    static let plan = RuleSource(kind: "plan", files: [], ruleCount: 0, leftOut: [], unseen: [])

    private init(
        kind: String, files: [File], ruleCount: Int, leftOut: [PacketAnswer.Step], unseen: [Unseen]
    ) {
        self.kind = kind
        self.files = files
        self.ruleCount = ruleCount
        self.leftOut = leftOut
        self.unseen = unseen
    }

    init(_ files: [RulesetFile], _ found: ListedHookRules, _ words: TraceMessages) {
        self.init(
            kind: "ruleset",
            files: files.map { File(name: $0.name, format: $0.format.rawValue) },
            ruleCount: found.ruleCount, leftOut: found.inexpressible.map { words.step($0) },
            unseen: found.unseen.map(Unseen.init))
        later = found.later.map(Unseen.init)
    }

    /// The source of an answer; `isFollowed` if it covers the hooks after the first.
    func of(followedAnswer isFollowed: Bool) -> RuleSource {
        var source = self
        if !isFollowed { source.unseen += later }
        return source
    }

    /// Adds what the answer doesn't cover; `isInDoubt` if the answer names such rules itself.
    func addNotes(to report: inout ReportText, isInDoubt: Bool) {
        guard kind == "ruleset" else { return }
        report.addBlankLine()
        let total = PacketAnswer.counted(ruleCount, "rule")
        let what =
            leftOut.isEmpty
            ? isInDoubt
                ? "all \(total) can be read; those in doubt depend on this host (see --facts)"
                : "all \(total) were evaluated"
            : "\(leftOut.count) of \(total) can't be evaluated; "
                + (isInDoubt ? "some precede the answer" : "none precedes the answer")
        report.add("rules     \(what)", hanging: 10)
        for step in leftOut.prefix(Self.shown) {
            report.add("          \(step.place): \(step.condition): \(step.action)", hanging: 12)
        }
        if leftOut.count > Self.shown {
            report.add("          and \(leftOut.count - Self.shown) more; see --output json")
        }
        guard !unseen.isEmpty else { return }
        let hooks = Set(unseen.map(\.hook)).sorted().joined(separator: ", ")
        let count = PacketAnswer.counted(unseen.reduce(0) { $0 + $1.rules }, "rule")
        report.add(
            "unseen    \(count) on other hooks (\(hooks)), which may still drop the packet",
            hanging: 10)
    }
}

extension RuleSource.Unseen {
    fileprivate init(_ chain: ListedHookRules.Unseen) {
        self.init(
            table: chain.table, chain: chain.chain, hook: chain.hook, rules: chain.ruleCount)
    }
}
