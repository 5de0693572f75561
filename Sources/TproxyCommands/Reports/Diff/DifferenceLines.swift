import RuleIR
import RulesetDiff

/// A comparison as lines for people, each chain and set behind an empty line.
struct DifferenceLines {
    /// How many elements of a set are spelled out.
    static let fewElements = 4

    private let diff: RulesetDiff
    private let words: FoundRuleWords
    private let shownElements: Int

    /// The sets that the rules ask are in `tables`.
    init(_ diff: RulesetDiff, tables: [FoundTable], shownElements: Int = Self.fewElements) {
        self.diff = diff
        words = FoundRuleWords(tables)
        self.shownElements = shownElements
    }

    var lines: [String] {
        diff.chains.flatMap { [""] + ChainDiffText($0, words).lines }
            + diff.sets.flatMap { [""] + lines($0) }
    }

    private func lines(_ set: SetDifference) -> [String] {
        let title =
            switch set.presence {
            case .added: "set @\(set.name) is missing"
            case .removed: "set @\(set.name) isn't planned"
            case .ofOtherKind: "set @\(set.name) holds another kind of members"
            case .kept:
                "set @\(set.name): \(set.added.count) to add, \(set.removed.count) to take out"
            }
        return [title] + elements(set.added, "+") + elements(set.removed, "-")
    }

    private func elements(_ elements: [SetElement], _ mark: String) -> [String] {
        let rest = elements.count - min(elements.count, shownElements)
        return elements.prefix(shownElements).map { "  \(mark) \($0)" }
            + (rest > 0 ? ["  \(mark) \(rest) more; --verbose lists them"] : [])
    }
}
