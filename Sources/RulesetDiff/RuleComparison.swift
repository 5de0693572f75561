import RuleIR

/// Compares the listed rules of one chain.
struct RuleComparison {
    private let comparison: SequenceComparison<ListedEntry>

    /// Creates a comparison of rules in a form in which equal rules have equal meaning.
    init(loaded: [ListedEntry], planned: [ListedEntry]) {
        comparison = SequenceComparison(loaded, planned, isAlike: Self.isAlike)
    }

    /// Returns the differences, described with the rules as listed.
    func differences(_ loaded: [ListedEntry], _ planned: [ListedEntry]) -> [RuleDifference] {
        comparison.edits.map { edit in
            switch edit {
            case .added(let new): .added(planned[new], at: new + 1)
            case .removed(let old): .removed(loaded[old], at: old + 1)
            case .moved(let old, let new): .moved(planned[new], from: old + 1, to: new + 1)
            case .changed(let old, let new):
                .changed(from: loaded[old], to: planned[new], at: new + 1)
            }
        }
    }

    /// Whether one rule is a modification of the other: two of matches, effect and reason are
    /// equal.
    private static func isAlike(_ one: ListedEntry, _ other: ListedEntry) -> Bool {
        switch (one, other) {
        case (.readable(let one), .readable(let other)):
            let agreements = [
                one.matches == other.matches, one.effect == other.effect,
                one.comment != nil && one.comment == other.comment,
            ]
            return agreements.count { $0 } >= 2
        case (.native(let one), .readable(let other)):
            return one.comment != nil && one.comment == other.comment
        case (.readable, .native), (.native, .native): return false
        }
    }
}
