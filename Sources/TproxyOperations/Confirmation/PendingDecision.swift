package import Diagnostics
import LinuxHost
import RuleIR

/// The end of a pending change: it is confirmed, or rolled back.
package enum PendingDecision {
    /// Keeps the new rules; throws if nothing is pending, or if the deadline has passed.
    package static func confirm() throws(OperationFailure) -> PendingChange {
        try BackendSelection().exclusively { () throws(OperationFailure) in
            let store = try PendingStore()
            guard let pending = try store.readLocked() else {
                throw OperationFailure(.nothingPending())
            }
            guard !pending.isOverdue else { throw OperationFailure(.confirmationLate(pending)) }
            try store.delete()
            pending.guardian?.stop()
            return pending
        }
    }

    /// Restores the state before the change at once; throws if nothing is pending.
    ///
    /// `passing` receives a tproxy that is stopped, for which this one doesn't wait.
    package static func rollBack(
        passing: @escaping (Diagnostic) -> Void
    ) throws(OperationFailure) -> (PendingChange, RestoredRules) {
        guard let done = try rollBack(onlyIf: { _ in true }, passing: passing) else {
            throw OperationFailure(.nothingPending())
        }
        return done
    }

    /// Restores the state before the change `id` when its deadline has passed.
    ///
    /// Returns at once if the change is confirmed or rolled back. `isReady` is called before the
    /// wait. A restoration that fails is repeated for some minutes; the record stays if none
    /// succeeds.
    package static func expire(
        _ id: String, isReady: () -> Void = {}
    ) throws(OperationFailure) -> RestoredRules? {
        let store = try PendingStore()
        // Watched before the first look, so that no change of the record is missed.
        let watch = try? FolderWatch()
        watch?.watch(store.folder)
        guard let pending = try store.read(), pending.id == id else { return nil }
        isReady()
        guard try PendingWait(for: pending, store, watch).wait(orFor: nil) == .deadline else {
            return nil
        }
        for attempt in 1... {
            do throws(OperationFailure) {
                return try rollBack(onlyIf: { $0.id == id }, passing: { _ in })?.restored
            } catch {
                guard attempt < attempts else { throw error }
                pause(for: .seconds(1))
            }
        }
        return nil
    }

    /// The most attempts of a guard.
    private static let attempts = 300

    private static func rollBack(
        onlyIf isMeant: (PendingChange) -> Bool, passing: @escaping (Diagnostic) -> Void
    ) throws(OperationFailure) -> (pending: PendingChange, restored: RestoredRules)? {
        try BackendSelection(retry: PendingChange.retry).exclusively(
            passing: passing
        ) { () throws(OperationFailure) -> (pending: PendingChange, restored: RestoredRules)? in
            let store = try PendingStore()
            guard let pending = try store.readLocked(), isMeant(pending) else { return nil }
            let restored: RestoredRules
            do throws(OperationFailure) {
                restored = try Restoration(pending).run()
            } catch {
                throw OperationFailure(error.diagnostics + [.rollbackPending(pending)])
            }
            try store.delete()
            pending.guardian?.stop()
            return (pending, restored)
        }
    }

    /// Throws if a change is pending: there is never a second one.
    static func refuseSecond() throws(OperationFailure) {
        // Without /proc, the namespace has no name, and no change of it can be pending.
        guard let store = try? PendingStore(), let pending = try store.readLocked() else { return }
        throw OperationFailure(
            pending.isOverdue ? .confirmationOverdue(pending) : .confirmationPending(pending))
    }

    /// Returns the pending change; nil if there is none, or this user can't see it.
    static var current: PendingChange? {
        guard let pending = try? PendingStore().read(), pending.stage == .guarded else {
            return nil
        }
        return pending
    }
}
