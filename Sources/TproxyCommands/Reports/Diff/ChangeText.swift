import Addressing
import RuleIR
import RulesetDiff

/// The changes of a plan's rules as lines with marks: + - ~ and > for a move.
struct ChangeText {
    private let changes: PlanChanges
    private let words: RuleMessages
    private let shownElements: Int
    /// Whether the changes have been made.
    private let isDone: Bool

    init(_ changes: PlanChanges, of plan: Ruleset, shownElements: Int, isDone: Bool = false) {
        self.changes = changes
        self.shownElements = shownElements
        self.isDone = isDone
        words = RuleMessages(changes, of: plan)
    }

    /// Adds the changes, with a heading for each chain or segment.
    func add(to report: inout ReportText) {
        for family in changes.addedFamilies {
            report.addBlankLine()
            report.add([Self.mark("+"), Span(" rules for \(family.displayName)")])
        }
        for family in changes.removedFamilies {
            report.addBlankLine()
            report.add([Self.mark("-"), Span(" rules for \(family.displayName)")])
        }
        var last: RuleLocation.List?
        for change in changes.rules {
            if change.list != last {
                report.addBlankLine()
                report.add(change.list.description, .heading)
                last = change.list
            }
            add(change, to: &report)
        }
    }

    private func add(_ change: PlanChange, to report: inout ReportText) {
        guard let rule = change.rules.first else { return }
        let isBase = change.list.isBase
        let number = change.numbers.isEmpty ? "" : "\(Self.label(change.numbers)) "
        report.add(
            [
                Span("  "), Self.mark(change.mark),
                Span(" \(number)\(words.condition(of: change.rules)): "),
                words.action(rule, isBase: isBase),
            ], hanging: 8)
        report.add("       \(rule.rationale.words)", .aside, hanging: 8)
        switch change.kind {
        case .added, .removed: break
        case .moved: report.add("       \(isDone ? "was" : "is") at another position")
        case .changed where change.isOfElements:
            add(change.added, "+", to: &report)
            add(change.removed, "-", to: &report)
        case .changed:
            for line in former(change, rule, isBase: isBase) {
                report.add("       instead of: \(line)", hanging: 8)
            }
        }
    }

    /// Returns the parts that change, in their loaded form.
    private func former(_ change: PlanChange, _ rule: Rule, isBase: Bool) -> [String] {
        guard let old = change.former.first else { return ["no rule for one of the families"] }
        var lines: [String] = []
        if words.condition(of: change.former) != words.condition(of: change.rules) {
            lines.append("for \(words.condition(of: change.former))")
        }
        let action = words.actionWords(old, isBase: isBase)
        if action != words.actionWords(rule, isBase: isBase) { lines.append(action) }
        if old.rationale != rule.rationale, !old.rationale.key.isEmpty {
            lines.append("because: \(old.rationale.words)")
        }
        return lines
    }

    private func add(_ elements: [SetElement], _ mark: Character, to report: inout ReportText) {
        for element in elements.prefix(shownElements) {
            report.add([Span("       "), Self.mark(mark), Span(" \(element)")])
        }
        let rest = elements.count - min(elements.count, shownElements)
        guard rest > 0 else { return }
        report.add([
            Span("       "), Self.mark(mark), Span(" \(rest) more; --verbose lists them"),
        ])
    }

    /// Returns the label of rules: `5.`, or `2-3.` for a rule and its twin.
    static func label(_ numbers: [Int]) -> String {
        guard let first = numbers.first, let last = numbers.last, first != last else {
            return numbers.first.map { "\($0)." } ?? ""
        }
        let isRun = last - first + 1 == numbers.count
        return isRun ? "\(first)-\(last)." : numbers.map { "\($0)" }.joined(separator: ",") + "."
    }

    /// Returns a mark in its colour.
    private static func mark(_ mark: Character) -> Span {
        Span(String(mark), DiffText.marks[mark] ?? .plain)
    }
}

extension PlanChange {
    fileprivate var mark: Character {
        switch kind {
        case .added: "+"
        case .removed: "-"
        case .moved: ">"
        case .changed: "~"
        }
    }
}
