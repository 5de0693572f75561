import RuleIR

/// One step from the loaded table to the planned one; the kernel makes all of it or nothing.
enum TableTransaction {
    /// Loads the new interval sets for the rules of the next transaction.
    case prepare(TableChange, PlannedTable, Identity)
    /// Turns the loaded table into the planned one; `isNew` if there is no table yet.
    case perform(TableChange, isNew: Bool, PlannedTable, Identity)
    /// Makes the kernel run the chains of a dormant table.
    case wake(table: String)
    /// Deletes sets that were loaded for rules that were refused.
    case undo(sets: [String], table: String, Identity)
    case delete(table: String)

    /// Returns the whole change in one transaction, as `plan` and `diff` print it.
    ///
    /// New interval sets come with the rules.
    static func whole(
        from loaded: LoadedTable?, to planned: PlannedTable, saying identity: Identity
    ) -> Self {
        .perform(
            TableChange(from: loaded, to: planned, inOneTransaction: true), isNew: loaded == nil,
            planned, identity)
    }

    /// Writes the commands; the identity records `submission`.
    func write(to writer: inout some TransactionWriter, submittedBy submission: Submission) {
        switch self {
        case .prepare(let change, let planned, var identity):
            identity.submission = submission
            writer.prepare(change, of: planned, saying: identity)
        case .perform(let change, let isNew, let planned, var identity):
            identity.submission = submission
            writer.perform(change, isNew: isNew, to: planned, saying: identity)
        case .wake(let table): writer.wake(table: table)
        case .undo(let sets, let table, let identity):
            writer.undo(sets, in: table, saying: identity)
        case .delete(let table): writer.delete(table: table)
        }
    }

    /// The document for libnftables; nil if JSON can't express an element.
    var document: String? {
        var document = NftDocument()
        write(to: &document, submittedBy: .libnftables)
        return document.isWhole ? document.finished() : nil
    }
}
