import RuleIR
import Synchronization

/// A table that is to be loaded, with its canonical form and digest.
///
/// Each of these visits every element of a long set, so each is computed once.
final class PlannedTable: Sendable {
    let table: NftTable
    let canonical: CanonicalTable
    let digest: String

    init(_ table: NftTable) {
        self.table = table
        canonical = CanonicalTable(table)
        digest = canonical.digest
    }

    /// Returns the table with other names for the sets `names`; none of them is in `taken`.
    func renaming(_ names: [String], avoiding taken: Set<String>) -> PlannedTable {
        var table = table
        var taken = taken.union(table.sets.map(\.name))
        for name in names {
            var number = 2
            while !taken.insert("\(name)_\(number)").inserted { number += 1 }
            table.rename(set: name, to: "\(name)_\(number)")
        }
        return PlannedTable(table)
    }
}

extension NftTable {
    fileprivate mutating func rename(set former: String, to new: String) {
        for index in sets.indices where sets[index].name == former { sets[index].name = new }
        for chain in chains.indices {
            for rule in chains[chain].rules.indices {
                chains[chain].rules[rule].statements = chains[chain].rules[rule].statements.map {
                    guard case .match(let operand, let isNegated, .set(former)) = $0 else {
                        return $0
                    }
                    return .match(operand, isNegated: isNegated, .set(new))
                }
            }
        }
    }
}

/// Caches the table of the ruleset that was requested last.
///
/// A comparison and the apply after it need the same table.
final class PlannedTables: Sendable {
    private struct Known {
        var ruleset: Ruleset
        var table: PlannedTable
    }

    private let last = Mutex<Known?>(nil)

    func table(of ruleset: Ruleset) throws(RulesetProblem) -> PlannedTable {
        // Held while the table is compiled; concurrent callers wait for it.
        try last.withLock { last throws(RulesetProblem) in
            // Arrays that share their storage compare equal without a look at their elements.
            if let known = last, known.ruleset == ruleset { return known.table }
            try ruleset.check()
            let table = PlannedTable(NftTable(ruleset))
            last = Known(ruleset: ruleset, table: table)
            return table
        }
    }
}
