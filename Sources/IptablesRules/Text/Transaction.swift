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

    /// Takes out what `state` found, and puts `contents` in with `ledger`.
    package init(removing state: FamilyState, adding contents: [TableContent], _ ledger: Ledger?) {
        for table in IptablesTable.allCases {
            let old = state.part(table)
            let new = contents.first { $0.table == table }
            guard old != nil || new != nil else { continue }
            write(["*\(table.rawValue)"])
            if let old { remove(old) }
            if let new { add(new, ledger) }
            write(["COMMIT"])
        }
    }

    /// Takes out what `state` found, and puts back what `former` was.
    package init(removing state: FamilyState, restoring former: FamilyState) {
        for table in IptablesTable.allCases {
            let old = state.part(table)
            let new = former.part(table)
            guard old != nil || new != nil else { continue }
            write(["*\(table.rawValue)"])
            if let old { remove(old) }
            if let new { restore(new) }
            write(["COMMIT"])
        }
    }

    private mutating func remove(_ part: FamilyState.Part) {
        for saved in part.hooked {
            write(["-D", saved.chain] + saved.words)
        }
        // Emptied first: a chain that is jumped to can't be removed.
        for chain in part.chains { write(["-F", chain]) }
        for chain in part.chains { write(["-X", chain]) }
    }

    private mutating func add(_ content: TableContent, _ ledger: Ledger?) {
        for chain in content.chains { write(["-N", chain]) }
        for (words, placed) in zip(content.hooked.insertionNumbered, content.hooked) {
            write(words, placed)
        }
        for placed in content.own {
            write(["-A", placed.chain] + placed.rule.arguments, placed)
        }
        guard let ledger else { return }
        write(["-N", IptablesChain.ledger])
        for rule in ledger.rules(copying: content.hooked) {
            write(["-A", IptablesChain.ledger] + rule)
        }
    }

    private mutating func restore(_ part: FamilyState.Part) {
        for chain in part.chains { write(["-N", chain]) }
        for saved in part.hooked {
            write(["-I", saved.chain, "\(saved.number)"] + saved.words)
        }
        for saved in part.own { write(["-A", saved.chain] + saved.words) }
        guard let ledger = part.ledger else { return }
        let copies = part.hooked.map {
            PlacedRule(
                isInserted: true, chain: IptablesChain.hookName(of: $0.chain), rule: $0.rule,
                location: RuleLocation(.first(.nat, .output), 0),
                rationale: Rationale("restored", key: ""))
        }
        for rule in ledger.rules(copying: copies) {
            write(["-A", IptablesChain.ledger] + rule)
        }
    }

    private mutating func write(_ words: [String], _ placed: PlacedRule? = nil) {
        line += 1
        if let placed { rules[line] = placed }
        text += RestoreText.line(words) + "\n"
    }
}
