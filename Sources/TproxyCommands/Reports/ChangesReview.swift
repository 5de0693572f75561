import Addressing
import Review
import RuleIR
import RulesetDiff
import TproxyOperations

extension ReviewChanges {
    /// The number of elements of a list that the page shows.
    private static let shownElements = 20

    /// Creates the changes of a plan to the loaded rules, or to an empty host.
    init(_ plan: Plan, _ choice: BackendChoice, _ name: String, _ state: PlanState) {
        switch state {
        case .unknown(let reason):
            let counts = ChangeCounts.all(of: choice.placement.evaluated(of: plan.ruleset)).planned
            self.init(state: .unknown(reason), heading: "\(counts): \(name)", title: counts)
        case .known(let comparison): self.init(comparison, of: plan.ruleset)
        }
    }

    private init(_ comparison: Comparison, of plan: Ruleset) {
        let text = DiffText(comparison, of: plan, isVerbose: false)
        let difference = PlanDifference(comparison, plan)
        let counts = difference.counts.isZero ? "no rule to change" : difference.counts.planned
        self.init(
            state: .differing, heading: text.heading.text, title: counts,
            conflicts: comparison.precedingRules.map(\.words))
        guard comparison.loaded != nil else {
            state = .empty
            return
        }
        guard !comparison.isSame else {
            state = .upToDate
            title = "no changes"
            return
        }
        notes = text.origin
        if let changes = difference.changes {
            notes += changes.addedFamilies.map { "+ rules for \($0.displayName)" }
            notes += changes.removedFamilies.map { "- rules for \($0.displayName)" }
            let words = RuleMessages(changes, of: plan)
            self.changes = changes.rules.map { Change($0, words, Self.shownElements) }
        } else {
            listed =
                DifferenceLines(
                    comparison.diff,
                    tables: comparison.planned.tables + (comparison.loaded?.rules.tables ?? []),
                    shownElements: Self.shownElements
                ).lines
        }
    }
}

extension ReviewChanges.Change {
    fileprivate init(_ change: PlanChange, _ words: RuleMessages, _ shownElements: Int) {
        func side(_ rules: [Rule]) -> ReviewChanges.Words? {
            rules.first.map { rule in
                ReviewChanges.Words(
                    condition: words.condition(of: rules),
                    action: words.actionWords(rule, isBase: change.list.isBase),
                    reason: rule.rationale.reason, key: rule.rationale.key)
            }
        }
        let rules = side(change.rules)
        let label = ChangeText.label(change.numbers)
        self.init(
            kind: ReviewChanges.Kind(change.kind), list: change.list.description,
            label: label.isEmpty ? "" : "rule \(label.dropLast())",
            former: change.kind == .removed ? rules : side(change.former),
            planned: change.kind == .removed ? nil : rules,
            added: Self.texts(change.added, upTo: shownElements),
            removed: Self.texts(change.removed, upTo: shownElements))
    }

    private static func texts(_ elements: [SetElement], upTo limit: Int) -> [String] {
        let rest = elements.count - min(elements.count, limit)
        return elements.prefix(limit).map(\.description) + (rest > 0 ? ["\(rest) more"] : [])
    }
}

extension ReviewChanges.Kind {
    fileprivate init(_ kind: PlanChange.Kind) {
        self =
            switch kind {
            case .added: .added
            case .removed: .removed
            case .moved: .moved
            case .changed: .changed
            }
    }
}
