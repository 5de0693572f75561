import RuleIR

/// The record that the programs hold: who loaded them, and the name of each counter.
///
/// It is the text of a frozen map that is bound to the programs, so it lives as long as they do.
struct LoadRecord: Hashable {
    private static let title = "tproxy eBPF record 1"

    var version: String
    /// The digest of the image.
    var digest: String
    var loadedAt: LoadTime?
    var ownedPrerequisites: [HostPrerequisite]
    /// The list of each counted rule, and its reason and key.
    var rules: [Rule]

    struct Rule: Hashable {
        var list: String
        var words: String
    }

    init(
        _ plan: ProgramPlan, version: String, digest: String, owning owned: [HostPrerequisite]
    ) {
        self.version = version
        self.digest = digest
        ownedPrerequisites = owned
        rules = plan.rules.map {
            Rule(list: "\($0.location.list)", words: $0.rationale.words)
        }
    }

    /// Reads the text of a record; nil if it isn't one.
    init?(_ text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.count > 4, lines.removeFirst() == Self.title else { return nil }
        version = lines.removeFirst()
        digest = lines.removeFirst()
        loadedAt = LoadTime(lines.removeFirst())
        rules = []
        var prerequisites: [String] = []
        for line in lines where !line.isEmpty {
            let parts = line.split(separator: "\t", maxSplits: 1).map(String.init)
            if parts.count == 2 {
                rules.append(Rule(list: parts[0], words: parts[1]))
            } else {
                prerequisites.append(line)
            }
        }
        guard let owned = [HostPrerequisite](records: prerequisites) else { return nil }
        ownedPrerequisites = owned
    }

    /// Reasons and lists are plain text without tabs.
    var text: String {
        let head = [Self.title, version, digest, loadedAt?.description ?? ""]
        return
            (head + ownedPrerequisites.records + rules.map { "\($0.list)\t\($0.words)" })
            .joined(separator: "\n") + "\n"
    }

    /// Whether both say the same but for the time.
    func isSame(as other: LoadRecord) -> Bool {
        var timeless = self
        timeless.loadedAt = other.loadedAt
        return timeless == other
    }
}
