import Addressing
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
    /// The families of the rules.
    var families: [AddressFamily]
    /// The list of each counted rule, its reason and key, and the chain that it jumps to.
    var rules: [Rule]
    /// The names of the sets.
    var names: SetNames

    struct Rule: Hashable {
        var list: String
        var words: String
        /// Empty for a rule without a jump.
        var target: String
    }

    init(
        _ plan: ProgramPlan, version: String, digest: String, owning owned: [HostPrerequisite]
    ) {
        self.version = version
        self.digest = digest
        ownedPrerequisites = owned
        families = plan.families
        rules = plan.rules.map {
            Rule(
                list: "\($0.location.list)", words: $0.rationale.words,
                target: $0.target?.text ?? "")
        }
        names = plan.names
    }

    /// Reads the text of a record; nil if it isn't one.
    init?(_ text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.count > 4, lines.removeFirst() == Self.title else { return nil }
        version = lines.removeFirst()
        digest = lines.removeFirst()
        loadedAt = LoadTime(lines.removeFirst())
        rules = []
        ownedPrerequisites = []
        families = []
        names = SetNames()
        var prerequisites: [String] = []
        for line in lines where !line.isEmpty {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
                .map(String.init)
            switch fields.count {
            case 3: rules.append(Rule(list: fields[0], words: fields[1], target: fields[2]))
            case 2: guard read(fields[0], fields[1]) else { return nil }
            case _: prerequisites.append(line)
            }
        }
        guard let owned = [HostPrerequisite](records: prerequisites) else { return nil }
        ownedPrerequisites = owned
    }

    /// Reads the families of the rules, or the name of a set of a kind.
    private mutating func read(_ kind: String, _ value: String) -> Bool {
        let words = kind.split(separator: " ").map(String.init)
        if kind == Self.familiesKind {
            families = value.split(separator: " ").compactMap {
                AddressFamily(rawValue: String($0))
            }
        } else if let family = AddressFamily(rawValue: kind) {
            names.addresses.append(SetNames.Addresses(name: SetName(value), family: family))
        } else if kind == Self.portsKind {
            names.ports.append(SetName(value))
        } else if words.count == 3, words[0] == Self.flowsKind, let first = Int(words[1]),
            let end = Int(words[2]), 0 <= first, first <= end
        {
            names.flows.append(SetNames.Flows(name: SetName(value), range: first..<end))
        } else {
            return false
        }
        return true
    }

    private static let familiesKind = "families"
    private static let portsKind = "ports"
    private static let flowsKind = "flows"

    /// Reasons and lists are plain text without tabs.
    var text: String {
        let head = [Self.title, version, digest, loadedAt?.description ?? ""]
        let known = families.map(\.rawValue).joined(separator: " ")
        let sets =
            names.addresses.map { "\($0.family.rawValue)\t\($0.name)" }
            + names.ports.map { "\(Self.portsKind)\t\($0)" }
            + names.flows.map {
                "\(Self.flowsKind) \($0.range.lowerBound) \($0.range.upperBound)\t\($0.name)"
            }
        return
            (head + ownedPrerequisites.records + ["\(Self.familiesKind)\t\(known)"] + sets
            + rules.map { "\($0.list)\t\($0.words)\t\($0.target)" })
            .joined(separator: "\n") + "\n"
    }

    /// The rules of the counters; nil if a list isn't one of a ruleset.
    var countedRules: [CountedRule]? {
        var counted: [CountedRule] = []
        for rule in rules {
            guard let list = RuleLocation.List(rule.list) else { return nil }
            let index = counted.count { $0.location.list == list }
            var one = CountedRule(
                location: RuleLocation(list, index), rationale: Rationale(comment: rule.words))
            if !rule.target.isEmpty {
                guard let target = ChainName(rule.target) else { return nil }
                one.target = target
            }
            counted.append(one)
        }
        return counted
    }

    /// Whether both say the same but for the time.
    func isSame(as other: LoadRecord) -> Bool {
        var timeless = self
        timeless.loadedAt = other.loadedAt
        return timeless == other
    }
}
