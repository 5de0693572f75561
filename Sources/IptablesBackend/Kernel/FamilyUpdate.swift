import Addressing
import IptablesRules
import RuleIR

/// The changes of one family.
struct FamilyUpdate {
    var snapshot: FamilySnapshot
    /// The tables after the change; empty if all of ours is removed.
    var tables: [TableContent]
    var document: Transaction

    /// Throws every error that can be found before anything changes, of every family.
    static func test(_ updates: [FamilyUpdate]) throws(BackendError) {
        for update in updates {
            try update.snapshot.checkReferences(keeping: update.tables)
            try KernelProbe(update.snapshot.tables).run(update.tables)
            try update.snapshot.tables.test(update.document)
        }
    }

    /// Loads the families in order; if one is refused, restores all of them.
    static func load(_ updates: [FamilyUpdate]) throws(BackendError) {
        var touched: [FamilySnapshot] = []
        for update in updates {
            // If a family fails, its earlier tables are restored too.
            touched.append(update.snapshot)
            do throws(BackendError) {
                try update.snapshot.tables.load(update.document)
            } catch {
                for snapshot in touched.reversed() { try undo(snapshot, after: error) }
                throw error
            }
        }
    }

    /// Restores the former state of the family.
    private static func undo(_ snapshot: FamilySnapshot, after cause: BackendError)
        throws(BackendError)
    {
        do throws(BackendError) {
            let now = try snapshot.tables.state()
            guard !now.holdsSame(as: snapshot.state) else { return }
            let document = Transaction(removing: now, restoring: snapshot.state)
            if !document.isEmpty { try snapshot.tables.load(document) }
        } catch {
            throw .failed(
                operation: "restoring the \(snapshot.family.displayName) rules",
                reason:
                    "\(error.reason); they had to be restored because of: \(cause.reason);"
                    + " run the command again")
        }
    }
}
