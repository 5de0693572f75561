import Addressing
import IptablesRules
import RuleIR

/// What is to be done to one family.
struct FamilyUpdate {
    var side: FamilySnapshot
    /// What will be there; empty when all of ours is to go.
    var tables: [TableContent]
    var document: Transaction

    /// Throws what can be told before anything changes, of every family.
    static func test(_ plans: [FamilyUpdate]) throws(BackendError) {
        for plan in plans {
            try plan.side.checkReferences(keeping: plan.tables)
            try KernelProbe(plan.side.tables).run(plan.tables)
            try plan.side.tables.test(plan.document)
        }
    }

    /// Loads one family after another; if one is refused, all are put back.
    static func load(_ plans: [FamilyUpdate]) throws(BackendError) {
        var touched: [FamilySnapshot] = []
        for plan in plans {
            // Tables of a family that went in before the one that failed go back, too.
            touched.append(plan.side)
            do throws(BackendError) {
                try plan.side.tables.load(plan.document)
            } catch {
                for side in touched.reversed() { try undo(side, after: error) }
                throw error
            }
        }
    }

    /// Puts back what the family had.
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
    /// What it says, in one line.
    fileprivate var reason: String {
        switch self {
        case .refused(let reason, _), .busy(_, let reason), .failed(_, let reason),
            .addressRefused(_, _, let reason):
            reason
        case .missingCapability(let name), .foreignObject(let name), .unsupported(let name, _):
            name
        case .invalidRuleset(let problem): "\(problem)"
        }
    }
}
