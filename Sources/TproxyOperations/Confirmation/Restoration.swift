import LinuxHost
import NftablesBackend
package import RuleIR

/// Restores the state before a pending change.
///
/// It runs any number of times: what is as before isn't touched. The lock of the namespace must be
/// held.
struct Restoration {
    private let pending: PendingChange

    init(_ pending: PendingChange) { self.pending = pending }

    /// Restores everything; a SIGINT or SIGTERM ends the process after that.
    ///
    /// As in a move between backends, rules are loaded before others are removed, and prerequisites
    /// are there before the rules and as long as them.
    func run() throws(OperationFailure) -> RestoredRules {
        let signals = DeferredSignals()
        defer { signals.deliver() }
        let selection = pending.selection
        var result = RestoredRules()
        do throws(BackendError) {
            for state in pending.prerequisites where try state.make() {
                result.made.append(state.prerequisite)
            }
        } catch {
            throw OperationFailure(error.diagnostic)
        }
        for former in pending.former.filter(\.snapshot.holdsRules) {
            if try restore(former, selection) { result.restored.append(former.backend) }
        }
        for former in pending.former where !former.snapshot.holdsRules {
            if try restore(former, selection) { result.removed.append(former.backend) }
        }
        let added = pending.prerequisites.filter { $0.metric == nil }
        let needed = try selection.needed(
            added.map(\.prerequisite), of: pending.instance)
        do throws(BackendError) {
            for state in added.reversed() where !needed.contains(state.prerequisite) {
                if try state.undo() { result.undone.append(state.prerequisite) }
            }
        } catch {
            throw OperationFailure(error.diagnostic)
        }
        pending.builtInTables?.removeAdded()
        return result
    }

    /// Returns whether the backend's rules were changed.
    private func restore(
        _ former: PendingChange.Former, _ selection: BackendSelection
    ) throws(OperationFailure) -> Bool {
        guard let restorer = try selection.backend(former.backend).restorer else {
            throw OperationFailure(.notRestorable(former.backend.text))
        }
        do throws(BackendError) {
            return try restorer.restore(former.snapshot, of: pending.instance) == .restored
        } catch {
            throw OperationFailure(error.diagnostic(from: former.backend))
        }
    }
}

/// What a rollback changed.
package struct RestoredRules {
    /// The backends whose former rules were loaded again.
    package var restored: [BackendName] = []
    /// The backends whose rules were removed.
    package var removed: [BackendName] = []
    package var made: [HostPrerequisite] = []
    package var undone: [HostPrerequisite] = []
}
