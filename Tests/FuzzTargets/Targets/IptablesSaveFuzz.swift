import Addressing
import IptablesRules
import RuleIR
import TproxyCommands

extension FuzzTarget {
    /// A listing of iptables-save(8): every rule is read.
    static let iptablesSave = FuzzTarget(name: "iptables-save") { bytes in
        guard let text = bytes.text else { return }
        if case .success(let found) = CommandInput.ruleset(text) {
            try ListedRulesInvariants.check(found)
        }
        guard let saved = try? SavedText(text) else { return }
        // As the reader splits them: CR LF is one character.
        let lines = text.split { $0 == "\n" || $0 == "\r\n" }
            .filter { $0.hasPrefix("-") || $0.hasPrefix("[") }
        let rules = saved.tables.flatMap(\.rules)
        try promise(rules.count == lines.count, "\(lines.count) lines are \(rules.count) rules")
        for rule in rules.prefix(1000) {
            let again = try SavedText("*\(saved.tables[0].table)\n:\(rule.chain) -\n\(rule.line)\n")
            try promise(
                again.tables.first?.rules.first?.words == rule.words,
                "a line isn't read as it was written: \(rule.line)")
        }
        let entries = ReadBack.tables(saved, .ipv4).flatMap(\.chains).map(\.entries.count)
            .reduce(0, +)
        let ownership = rules.count { $0.chain == IptablesChain.ownership }
        try promise(
            entries == rules.count - ownership, "\(rules.count) rules are \(entries) entries")
        try states(saved)
        _ = KumactlRules(saved)
    }

    /// Every rule of a base chain is either ours or foreign.
    private static func states(_ saved: SavedText) throws {
        let state = FamilyState(saved)
        for part in state.parts {
            let onHooks = saved.table(part.table)?.rules.filter {
                IptablesChain.ofHooks.contains($0.chain)
            }
            try promise(
                Set(part.hooked).union(part.foreign) == Set(onHooks ?? []),
                "a rule of \(part.table) is neither ours nor foreign")
            for rule in part.foreign {
                try promise(!part.hooked.contains(rule), "a rule is ours and foreign")
            }
        }
        try ListedRulesInvariants.check(.init(ReadBack.tables(state, .ipv4)))
    }
}
