import Addressing
import IptablesRules
import RuleIR

/// The changes of one family.
struct FamilyUpdate {
    var side: FamilySnapshot
    /// The tables after the change; empty if all of ours is removed.
    var tables: [TableContent]
    var document: Transaction

    /// Throws every error that can be found before anything changes, of every family.
    static func test(_ plans: [FamilyUpdate]) throws(BackendError) {
        for plan in plans {
            try plan.side.checkReferences(keeping: plan.tables)
            try KernelProbe(plan.side.tables).run(plan.tables)
            try plan.side.tables.test(plan.document)
        }
    }

    /// Loads the families in order; if one is refused, restores all of them.
    static func load(_ plans: [FamilyUpdate]) throws(BackendError) {
        var touched: [FamilySnapshot] = []
        for plan in plans {
            // If a family fails, its earlier tables are restored too.
            touched.append(plan.side)
            do throws(BackendError) {
                try plan.side.tables.load(plan.document)
            } catch {
                for side in touched.reversed() { try undo(side, after: error) }
                throw error
            }
        }
    }

    /// Restores the former state of the family.
    private static func undo(_ side: FamilySnapshot, after cause: BackendError) throws(BackendError)
    {
        do throws(BackendError) {
            let now = try side.tables.state()
            guard !now.holdsSame(as: side.state) else { return }
            let document = Transaction(removing: now, restoring: side.state)
            if !document.isEmpty { try side.tables.load(document) }
        } catch {
            throw .failed(
                operation: "restoring the \(side.family.displayName) rules",
                reason:
                    "\(error.reason); they had to be restored because of: \(cause.reason);"
                    + " run the command again")
        }
    }
}

extension BackendError {
    /// The error as one line.
    fileprivate var reason: String {
        switch self {
        case .refused(let reason, _), .busy(_, let reason), .failed(_, let reason),
            .addressRefused(_, _, let reason):
            reason
        case .missingCapability(let name, _), .foreignObject(let name), .unsupported(let name, _):
            name
        case .invalidRuleset(let problem): "\(problem)"
        }
    }
}
