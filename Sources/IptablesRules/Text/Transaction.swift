import RuleIR

/// A document for iptables-restore(8) with `--noflush` that removes rules of ours and adds others.
///
/// Each table changes atomically at its COMMIT. Foreign rules aren't named: our rules are deleted
/// by their contents, and our chains are flushed and deleted.
package struct Transaction {
    package private(set) var text = ""
    /// The rule of the IR for each 1-based line that adds a rule.
    package private(set) var rules: [Int: PlacedRule] = [:]
    private var line = 0

    package var isEmpty: Bool { text.isEmpty }

    /// Removes the rules of `state`, and adds `contents` with `ownership`.
    package init(
        removing state: FamilyState, adding contents: [TableContent], _ ownership: OwnershipChain?
    ) {
        for table in IptablesTable.allCases {
            let old = state.part(table)
            let new = contents.first { $0.table == table }
            guard old != nil || new != nil else { continue }
            let added = new.map { $0.chains + (ownership == nil ? [] : [IptablesChain.ownership]) }
            let kept = Set(old?.chains ?? []).intersection(added ?? [])
            write(["*\(table.rawValue)"])
            if let old { remove(old, keeping: kept) }
            if let new { add(new, ownership, to: kept) }
            write(["COMMIT"])
        }
    }

    /// Removes the rules of `state`, and restores those of `former`.
    ///
    /// With `saved`, the present tables, foreign rules may have been removed since: a rule whose
    /// position a chain no longer has follows the last one.
    package init(
        removing state: FamilyState, restoring former: FamilyState, among saved: SavedText? = nil
    ) {
        for table in IptablesTable.allCases {
            let old = state.part(table)
            let new = former.part(table)
            guard old != nil || new != nil else { continue }
            let kept = Set(old?.chains ?? []).intersection(new?.chains ?? [])
            write(["*\(table.rawValue)"])
            if let old { remove(old, keeping: kept) }
            if let new { restore(new, to: kept, old, among: saved?.table(table)) }
            write(["COMMIT"])
        }
    }

    /// Removes the rules of a part; a chain in `kept` is only flushed, because a foreign rule may
    /// jump to it.
    private mutating func remove(_ part: FamilyState.Part, keeping kept: Set<String>) {
        // If a foreign rule is equal, delete by number, from the last so that the numbers stay
        // valid. Otherwise delete by contents, so that no rule added in the meantime can be deleted
        // instead.
        for saved in part.hooked.reversed() where part.hasDuplicate(saved) {
            write(["-D", saved.chain, "\(saved.number)"])
        }
        for saved in part.hooked where !part.hasDuplicate(saved) {
            write(["-D", saved.chain] + saved.words)
        }
        // Flush first: a chain that a rule jumps to can't be deleted.
        for chain in part.chains { write(["-F", chain]) }
        for chain in part.chains where !kept.contains(chain) { write(["-X", chain]) }
    }

    private mutating func add(
        _ content: TableContent, _ ownership: OwnershipChain?, to kept: Set<String>
    ) {
        for chain in content.chains where !kept.contains(chain) { write(["-N", chain]) }
        for (words, placed) in zip(content.hooked.insertionNumbered, content.hooked) {
            write(words, placed)
        }
        for placed in content.own {
            write(["-A", placed.chain] + placed.spelling, placed)
        }
        guard let ownership else { return }
        if !kept.contains(IptablesChain.ownership) { write(["-N", IptablesChain.ownership]) }
        for rule in ownership.rules(copying: content.hooked) {
            write(["-A", IptablesChain.ownership] + rule)
        }
    }

    private mutating func restore(
        _ part: FamilyState.Part, to kept: Set<String>, _ old: FamilyState.Part?,
        among table: SavedTable?
    ) {
        for chain in part.chains where !kept.contains(chain) { write(["-N", chain]) }
        var lengths: [String: Int] = [:]
        for rule in table?.rules ?? [] { lengths[rule.chain, default: 0] += 1 }
        for rule in old?.hooked ?? [] { lengths[rule.chain, default: 0] -= 1 }
        for saved in part.hooked {
            let last = table == nil ? saved.number : lengths[saved.chain, default: 0] + 1
            lengths[saved.chain, default: 0] += 1
            write(["-I", saved.chain, "\(min(saved.number, last))"] + saved.words)
        }
        for saved in part.own { write(["-A", saved.chain] + saved.words) }
        guard let ownership = part.ownership else { return }
        for rule in ownership.rules(copying: ownership.copied) {
            write(["-A", IptablesChain.ownership] + rule)
        }
    }

    private mutating func write(_ words: [String], _ placed: PlacedRule? = nil) {
        line += 1
        if let placed { rules[line] = placed }
        text += RestoreText.line(words) + "\n"
    }
}
