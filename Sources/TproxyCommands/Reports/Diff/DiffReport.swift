import RuleIR
import RulesetDiff
import TproxyOperations

/// The result of `diff` as JSON.
struct DiffReport: JSONReport {
    static let schema = "tproxy.diff/2"

    struct Loaded: Encodable {
        var name: String
        var version: String
        var digest: String
        var intact: Bool
    }

    struct Place: Encodable {
        var type: String
        var hook: String
        var priority: Int
        var policy: String
    }

    struct Rule: Encodable {
        var condition: String
        var action: String?
        var reason: String
        var key: String
    }

    struct RuleChange: Encodable {
        /// `added`, `removed`, `moved` or `changed`.
        var change: String
        /// The position in the plan, from 1; for a removed rule, the position in the loaded rules.
        var number: Int
        /// The loaded position of a moved rule.
        var from: Int?
        var rule: Rule
        /// The loaded form of a changed rule.
        var loaded: Rule?
    }

    struct ChainChange: Encodable {
        var table: String
        var chain: String
        /// `added`, `removed` or `kept`.
        var change: String
        var place: Place?
        /// The loaded hook and priority if they change; without a hook for a regular chain.
        var loadedPlace: Place?
        var rules: [RuleChange]
    }

    struct SetChange: Encodable {
        var table: String
        var set: String
        /// `added`, `removed`, `kept` or `ofOtherKind`.
        var change: String
        var added: [String]
        var removed: [String]
    }

    var backend: String
    var same: Bool
    /// Whether rules of the instance are loaded, even without an identity.
    var isLoaded: Bool
    var loaded: Loaded?
    /// The digest of the planned rules.
    var digest: String
    /// The changes in terms of the plan; missing if the loaded rules aren't those of a plan.
    var changes: [ChangeReport]?
    /// The chains that differ, as the backend lists them.
    var chains: [ChainChange]
    /// The sets that differ, as the backend lists them.
    var sets: [SetChange]
    /// What is otherwise on the host than the loaded rules assume; apply loads them again.
    var hostChanges: [String]
    /// Descriptions of what sees packets before our rules.
    var precedingRules: [String]
    /// The packets that are treated differently; absent in a report that has no need of them.
    var traffic: TrafficReport?
    /// The files whose plans are compared; absent for the loaded rules.
    var from: String?
    var to: String?

    init(_ comparison: Comparison, of plan: Ruleset, _ traffic: TrafficReport? = nil) {
        changes = ChangeReport.all(of: PlanDifference(comparison, plan), plan)
        backend = comparison.backend.text
        same = comparison.isSame
        isLoaded = comparison.loaded != nil
        loaded = comparison.installed.map {
            Loaded(name: $0.name, version: $0.version, digest: $0.digest, intact: $0.isIntact)
        }
        digest = comparison.digest
        let words = ListedRuleMessages(
            comparison.planned.tables + (comparison.loaded?.rules.tables ?? []))
        chains = comparison.diff.chains.map { ChainChange($0, words) }
        sets = comparison.diff.sets.map(SetChange.init)
        hostChanges = comparison.hostChanges
        precedingRules = comparison.precedingRules.map(\.words)
        self.traffic = traffic
    }

    init(_ comparison: PlanComparison, names: (from: String, to: String)) {
        backend = comparison.backend.text
        same = comparison.isSame
        isLoaded = false
        digest = comparison.digest
        let words = ListedRuleMessages(comparison.planned.tables + comparison.former.tables)
        chains = comparison.diff.chains.map { ChainChange($0, words) }
        sets = comparison.diff.sets.map(SetChange.init)
        hostChanges = []
        precedingRules = []
        traffic = TrafficReport(comparison.traffic)
        from = names.from
        to = names.to
    }
}

extension DiffReport.ChainChange {
    fileprivate init(_ difference: ChainDifference, _ words: ListedRuleMessages) {
        table = difference.table
        chain = difference.name
        change = difference.presence.rawValue
        place = difference.attachment.map(DiffReport.Place.init)
        loadedPlace = difference.formerAttachment.flatMap { $0.map(DiffReport.Place.init) }
        let isBase = difference.attachment != nil
        rules = difference.rules.map { DiffReport.RuleChange($0, words, isBase: isBase) }
    }
}

extension DiffReport.Place {
    fileprivate init(_ attachment: HookAttachment) {
        type = attachment.type
        hook = attachment.hook.rawValue
        priority = attachment.priority
        policy = attachment.policy
    }
}

extension DiffReport.RuleChange {
    fileprivate init(_ difference: RuleDifference, _ words: ListedRuleMessages, isBase: Bool) {
        func rule(_ entry: ListedEntry) -> DiffReport.Rule {
            let line = words.line(entry, isBase: isBase)
            return DiffReport.Rule(
                condition: line.condition, action: line.action.isEmpty ? nil : line.action,
                reason: line.rationale.reason, key: line.rationale.key)
        }
        switch difference {
        case .added(let entry, let at):
            self.init(change: "added", number: at, rule: rule(entry))
        case .removed(let entry, let at):
            self.init(change: "removed", number: at, rule: rule(entry))
        case .moved(let entry, let from, let to):
            self.init(change: "moved", number: to, from: from, rule: rule(entry))
        case .changed(let former, let entry, let at):
            self.init(change: "changed", number: at, rule: rule(entry), loaded: rule(former))
        }
    }
}

extension DiffReport.SetChange {
    fileprivate init(_ difference: SetDifference) {
        table = difference.table
        set = difference.name
        change = difference.presence.rawValue
        added = difference.added.map(\.description)
        removed = difference.removed.map(\.description)
    }
}
