import Diagnostics
import RuleIR

/// A change of rules that is undone unless it is confirmed in time.
struct ConfirmedLoading {
    private let duration: Duration

    /// Runs `load`, with a time for the confirmation unless it is nil.
    static func run(
        within duration: Duration?, _ ruleset: Ruleset, _ backend: any Backend,
        _ selection: BackendSelection, _ tell: (ApplyEvent) -> Void,
        load: () throws(OperationFailure) -> AppliedPlan
    ) throws(OperationFailure) -> AppliedPlan {
        guard let duration else { return try load() }
        return try Self(duration: duration).run(ruleset, backend, selection, tell, load: load)
    }

    /// Records the present state and starts a guard, then runs `load`.
    ///
    /// The lock of the namespace must be held. A load that fails is undone at once.
    private func run(
        _ ruleset: Ruleset, _ backend: any Backend, _ selection: BackendSelection,
        _ tell: (ApplyEvent) -> Void, load: () throws(OperationFailure) -> AppliedPlan
    ) throws(OperationFailure) -> AppliedPlan {
        let store = try PendingStore()
        var pending = try PendingChange(
            of: ruleset, to: backend, selection, after: duration)
        try store.write(pending)
        do {
            let guardian = try ChangeGuard.start(for: pending)
            pending.guardian = guardian
            pending.stage = .guarded
            try store.write(pending)
        } catch {
            // Nothing was changed. A guard that sees no record ends.
            pending.guardian?.stop()
            try? store.delete()
            throw error
        }
        tell(.guarded(pending))
        var applied: AppliedPlan
        do {
            applied = try load()
        } catch {
            throw undo(pending, after: error, store)
        }
        guard applied.isChange else {
            // The rules were loaded already, so there is nothing to confirm.
            try store.delete()
            pending.guardian?.stop()
            return applied
        }
        applied.pending = pending
        return applied
    }

    /// Restores the state before a load that failed; returns its error.
    private func undo(
        _ pending: PendingChange, after failure: OperationFailure, _ store: PendingStore
    ) -> OperationFailure {
        do {
            _ = try Restoration(pending).run()
            try store.delete()
            pending.guardian?.stop()
            return failure
        } catch {
            return OperationFailure(
                failure.diagnostics + error.diagnostics + [.rollbackPending(pending)])
        }
    }
}

extension AppliedPlan {
    /// Whether rules or prerequisites differ from those before.
    fileprivate var isChange: Bool {
        outcome.change != .unchanged || !outcome.made.isEmpty || !left.isEmpty
    }
}
