import Diagnostics
package import RuleIR
package import RulesetDiff

/// A comparison as lines for people; a blank line precedes each chain and set.
package struct DifferenceLines {
    /// The maximum number of elements that are listed for a set.
    package static let fewElements = 4

    private let diff: RulesetDiff
    private let words: ListedRuleMessages
    private let shownElements: Int

    /// Creates lines; `tables` contain the sets of the rules.
    package init(
        _ diff: RulesetDiff, tables: [ListedTable], shownElements: Int = Self.fewElements
    ) {
        self.diff = diff
        words = ListedRuleMessages(tables)
        self.shownElements = shownElements
    }

    package var lines: [String] {
        diff.chains.flatMap { [""] + ChainDiffText($0, words).lines }
            + diff.sets.flatMap { [""] + lines($0) }
    }

    private func lines(_ set: SetDifference) -> [String] {
        let title =
            switch set.presence {
            case .added: "+ set @\(set.name)"
            case .removed: "- set @\(set.name)"
            case .ofOtherKind: "~ set @\(set.name), of another type"
            case .kept: "set @\(set.name) (+\(set.added.count) -\(set.removed.count))"
            }
        return [title] + elements(set.added, "+") + elements(set.removed, "-")
    }

    private func elements(_ elements: [SetElement], _ mark: String) -> [String] {
        let rest = elements.count - min(elements.count, shownElements)
        return elements.prefix(shownElements).map { "  \(mark) \($0)" }
            + (rest > 0 ? ["  \(mark) \(rest) more; --verbose lists them"] : [])
    }
}

/// The differences of one chain as lines.
private struct ChainDiffText {
    private let chain: ChainDifference
    private let words: ListedRuleMessages

    init(_ chain: ChainDifference, _ words: ListedRuleMessages) {
        self.chain = chain
        self.words = words
    }

    var lines: [String] {
        [title] + place + chain.rules.flatMap(lines)
    }

    private var title: String {
        let name = "chain \(chain.name) (\(chain.table))"
        return switch chain.presence {
        case .added: "+ \(name)"
        case .removed: "- \(name)"
        case .kept: name
        }
    }

    /// The attachment of the chain, if it differs.
    private var place: [String] {
        guard let former = chain.formerAttachment else { return [] }
        return [
            "  ~ " + (chain.attachment?.words ?? "on no hook"),
            "    instead of: " + (former?.words ?? "on no hook"),
        ]
    }

    private func lines(_ rule: RuleDifference) -> [String] {
        switch rule {
        case .added(let entry, let number): lines("+", number, entry)
        case .removed(let entry, let number): lines("-", number, entry)
        case .moved(let entry, let from, let to):
            lines(">", to, entry) + ["        instead of position \(from)"]
        case .changed(let former, let entry, let number):
            lines("~", number, entry) + self.former(line(former), now: line(entry))
        }
    }

    private func lines(_ mark: String, _ number: Int, _ entry: ListedEntry) -> [String] {
        let line = line(entry)
        return [
            "  \(mark) \("\(number).".padded(to: 4))\(line.text)",
            "        \(line.rationale.words)",
        ]
    }

    /// Returns the parts that changed, with their former values.
    private func former(
        _ former: ListedRuleMessages.Line, now line: ListedRuleMessages.Line
    ) -> [String] {
        var lines: [String] = []
        if former.condition != line.condition { lines.append("for \(former.condition)") }
        if former.action != line.action, !former.action.isEmpty { lines.append(former.action) }
        if former.rationale != line.rationale { lines.append("because: \(former.rationale.words)") }
        return lines.map { "        instead of: \($0)" }
    }

    private func line(_ entry: ListedEntry) -> ListedRuleMessages.Line {
        words.line(entry, isBase: chain.attachment != nil)
    }
}

extension HookAttachment {
    /// The attachment as text, such as `nat chain on output at priority -101`.
    fileprivate var words: String {
        "\(type) chain on \(hook.rawValue) at priority \(priority), policy \(policy)"
    }
}

extension String {
    /// Returns the text padded with spaces to `width` characters; longer text is unchanged.
    package func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}

/// Describes listed rules for people.
package struct ListedRuleMessages {
    package struct Line: Hashable {
        /// The matches; for an opaque rule, the rule as its tool prints it.
        package var condition: String
        /// The effect; empty for an opaque rule.
        package var action: String
        package var rationale: Rationale

        var text: String { action.isEmpty ? condition : "\(condition): \(action)" }
    }

    private let words: RuleMessages

    /// Creates messages; `tables` contain the sets of the rules.
    package init(_ tables: [ListedTable]) {
        let sets = tables.flatMap(\.sets).compactMap { set -> NamedSet? in
            guard case .readable(let set) = set else { return nil }
            return set
        }
        words = RuleMessages(ruleset: Ruleset(instance: .mesh, families: [], sets: sets))
    }

    package func line(_ entry: ListedEntry, isBase: Bool) -> Line {
        switch entry {
        case .readable(let rule):
            Line(
                condition: words.condition(rule.matches), action: action(rule, isBase: isBase),
                rationale: rule.rationale)
        case .native(let rule):
            Line(condition: rule.text, action: "", rationale: Rationale(comment: rule.comment))
        }
    }

    private func action(_ rule: ListedRule, isBase: Bool) -> String {
        switch rule.effect {
        case .action(let action):
            VisibleText.of(
                words.actionWords(
                    Rule(rule.matches, then: action, because: rule.rationale), isBase: isBase))
        case .accept: "bypass of the whole hook"
        case .jump(let target): "jump to \(target)"
        case .goto(let target): "goto \(target)"
        }
    }
}
