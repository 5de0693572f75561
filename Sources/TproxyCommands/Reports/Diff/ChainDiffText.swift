import RuleIR
import RulesetDiff

/// The differences of one chain, for people.
struct ChainDiffText {
    private let chain: ChainDifference
    private let words: FoundRuleWords

    init(_ chain: ChainDifference, _ words: FoundRuleWords) {
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

    /// Where on which hook it is, if that differs.
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
            lines(">", to, entry) + ["        instead of place \(from)"]
        case .changed(let former, let entry, let number):
            lines("~", number, entry) + self.former(line(former), now: line(entry))
        }
    }

    private func lines(_ mark: String, _ number: Int, _ entry: FoundEntry) -> [String] {
        let line = line(entry)
        return [
            "  \(mark) \("\(number).".padded(to: 4))\(line.text)",
            "        \(line.rationale.words)",
        ]
    }

    /// What was different, and that alone.
    private func former(
        _ former: FoundRuleWords.Line, now line: FoundRuleWords.Line
    ) -> [String] {
        var lines: [String] = []
        if former.condition != line.condition { lines.append("for \(former.condition)") }
        if former.action != line.action, !former.action.isEmpty { lines.append(former.action) }
        if former.rationale != line.rationale { lines.append("because: \(former.rationale.words)") }
        return lines.map { "        instead of: \($0)" }
    }

    private func line(_ entry: FoundEntry) -> FoundRuleWords.Line {
        words.line(entry, isBase: chain.attachment != nil)
    }
}

extension HookAttachment {
    /// `nat chain on output at priority -101`.
    fileprivate var words: String {
        "\(type) chain on \(hook) at priority \(priority), policy \(policy)"
    }
}
