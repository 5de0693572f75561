import Diagnostics
package import RuleIR

/// Found rules in words, for people.
package struct FoundRuleWords {
    package struct Line: Hashable {
        /// What a packet must be; a native rule is all here, in its tool's words.
        package var condition: String
        /// What happens to it; empty for a native rule.
        package var action: String
        package var rationale: Rationale

        var text: String { action.isEmpty ? condition : "\(condition): \(action)" }
    }

    private let words: RuleWords

    /// The sets that the rules ask are in `tables`.
    package init(_ tables: [FoundTable]) {
        let sets = tables.flatMap(\.sets).compactMap { set -> NamedSet? in
            guard case .readable(let set) = set else { return nil }
            return set
        }
        words = RuleWords(ruleset: Ruleset(instance: .mesh, families: [], sets: sets))
    }

    package func line(_ entry: FoundEntry, isBase: Bool) -> Line {
        switch entry {
        case .readable(let rule):
            Line(
                condition: words.condition(rule.matches), action: action(rule, isBase: isBase),
                rationale: rule.rationale)
        case .native(let rule):
            Line(condition: rule.text, action: "", rationale: Rationale(comment: rule.comment))
        }
    }

    private func action(_ rule: FoundRule, isBase: Bool) -> String {
        switch rule.effect {
        case .action(let action):
            VisibleText.of(
                words.actionWords(
                    Rule(rule.matches, then: action, because: rule.rationale), isBase: isBase))
        case .accept: "exempt from all of the hook"
        case .jump(let target): "go to \(target)"
        case .goto(let target): "go on in \(target)"
        }
    }
}

extension Rationale {
    /// `reason [key]`.
    var words: String { key.isEmpty ? reason : "\(reason) [\(key)]" }
}
