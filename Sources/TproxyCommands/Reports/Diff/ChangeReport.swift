import RuleIR
import RulesetDiff
import TproxyOperations

/// A change of a rule of the plan as JSON.
struct ChangeReport: Encodable {
    struct Words: Encodable {
        var condition: String
        var action: String
        var reason: String
        var key: String
    }

    /// `added`, `removed`, `moved` or `changed`.
    var change: String
    /// The chain or segment, such as `chain OUTBOUND` or `nat output first`.
    var list: String
    /// The numbers of the planned rules, from 1: two for a rule and its twin; none if removed.
    var numbers: [Int]
    var rule: Words
    /// The loaded form of a changed rule.
    var loaded: Words?
    /// The elements that the rule's list gains, if nothing else changes.
    var added: [String]
    /// The elements that the rule's list loses, if nothing else changes.
    var removed: [String]

    /// Returns all changes; nil if they aren't known in terms of the plan.
    static func all(of difference: PlanDifference, _ plan: Ruleset) -> [ChangeReport]? {
        guard let changes = difference.changes else { return nil }
        let words = RuleMessages(changes, of: plan)
        return changes.rules.compactMap { ChangeReport($0, words) }
    }

    private init?(_ change: PlanChange, _ messages: RuleMessages) {
        let isBase = change.list.isBase
        func words(_ rules: [Rule]) -> Words? {
            rules.first.map {
                Words(
                    condition: messages.condition(of: rules),
                    action: messages.actionWords($0, isBase: isBase),
                    reason: $0.rationale.reason, key: $0.rationale.key)
            }
        }
        guard let rule = words(change.rules) else { return nil }
        self.rule = rule
        self.change = change.kind.rawValue
        list = change.list.description
        numbers = change.numbers
        loaded = words(change.former)
        added = change.added.map(\.description)
        removed = change.removed.map(\.description)
    }
}
