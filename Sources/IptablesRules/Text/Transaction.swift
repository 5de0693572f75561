import RuleIR

/// A document for iptables-restore(8) with `--noflush` that takes some of our rules out and puts
/// others in.
///
/// Each table is changed at its COMMIT as a whole. Rules of others are not named: ours are deleted by
/// what they say, and chains of our prefix are emptied and removed.
package struct Transaction {
    package private(set) var text = ""
    /// The rule of the ruleset on each 1-based line that adds one.
    package private(set) var rules: [Int: PlacedRule] = [:]
    private var line = 0

    package var isEmpty: Bool { text.isEmpty }

    /// Takes out what `state` found, and puts `contents` in with `ownership`.
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

    /// Takes out what `state` found, and puts back what `former` was.
    package init(removing state: FamilyState, restoring former: FamilyState) {
        for table in IptablesTable.allCases {
            let old = state.part(table)
            let new = former.part(table)
            guard old != nil || new != nil else { continue }
            let kept = Set(old?.chains ?? []).intersection(new?.chains ?? [])
            write(["*\(table.rawValue)"])
            if let old { remove(old, keeping: kept) }
            if let new { restore(new, to: kept) }
            write(["COMMIT"])
        }
    }

    /// A chain that stays is emptied: a rule of somebody else may jump to it.
    private mutating func remove(_ part: FamilyState.Part, keeping kept: Set<String>) {
        // By number where a rule of somebody else says the same, from the last up, so that the numbers
        // hold; by what they say elsewhere, so that nothing else can go that came in between.
        for saved in part.hooked.reversed() where part.hasTwin(saved) {
            write(["-D", saved.chain, "\(saved.number)"])
        }
        for saved in part.hooked where !part.hasTwin(saved) {
            write(["-D", saved.chain] + saved.words)
        }
        // Emptied first: a chain that is jumped to can't be removed.
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

    private mutating func restore(_ part: FamilyState.Part, to kept: Set<String>) {
        for chain in part.chains where !kept.contains(chain) { write(["-N", chain]) }
        for saved in part.hooked {
            write(["-I", saved.chain, "\(saved.number)"] + saved.words)
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
