import RuleIR
import Synchronization

/// A table that is to be loaded, with all that it is compared by.
///
/// Each of them takes a look at every element of a long set, so each is made once.
final class PlannedTable: Sendable {
    let table: NftTable
    let form: TableForm
    let digest: String
    private let knownRecord = Mutex<LoadRecord?>(nil)

    init(_ table: NftTable) {
        self.table = table
        form = TableForm(table)
        digest = form.digest
    }

    /// What is to be said of the table in its identity; nil without a seal.
    func record(seal: String?) -> LoadRecord? {
        guard let seal else { return nil }
        return knownRecord.withLock { known in
            if known == nil { known = LoadRecord(form, seal: seal) }
            known?.seal = seal
            return known
        }
    }
}

/// The table of the ruleset that was asked for last: who compares and then loads asks for it again.
final class PlannedTables: Sendable {
    private struct Known {
        var ruleset: Ruleset
        var table: PlannedTable
    }

    private let last = Mutex<Known?>(nil)

    func table(of ruleset: Ruleset) throws(RulesetProblem) -> PlannedTable {
        // Held while the table is made: who asks meanwhile waits for it.
        try last.withLock { last throws(RulesetProblem) in
            // Arrays that share their storage are known to be equal without a look at what they hold.
            if let known = last, known.ruleset == ruleset { return known.table }
            try ruleset.check()
            let table = PlannedTable(NftTable(ruleset))
            last = Known(ruleset: ruleset, table: table)
            return table
        }
    }
}
