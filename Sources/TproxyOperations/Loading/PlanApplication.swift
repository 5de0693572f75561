import Diagnostics
import RuleIR

/// A plan on its way into the kernel, and into firewalld's file where that is asked for.
package struct PlanApplication {
    private let plan: Plan
    private let selection: BackendSelection
    private let backend: any Backend
    private let store: FirewalldStore?
    private let tell: (ApplyEvent) -> Void

    /// `store` is where firewalld shall find the rules; `tell` gets what happens.
    package init(
        _ plan: Plan, _ choice: BackendChoice, _ store: FirewalldStore?,
        tell: @escaping (ApplyEvent) -> Void
    ) throws(OperationFailure) {
        self.plan = plan
        self.store = store
        self.tell = tell
        selection = plan.backends
        backend =
            try store == nil
            ? selection.backend(of: choice) : selection.backendForFirewalld(choice)
    }

    /// Refuses before anything is changed, or does all of it.
    ///
    /// No other tproxy comes between the look at what is loaded and the change.
    package func run(
        _ policy: PreflightPolicy, replacesBackend: Bool
    ) throws(OperationFailure) -> AppliedPlan {
        // What can't be stored isn't loaded either.
        try store?.check(plan.firewalldEmission())
        return try selection.exclusively { () throws(OperationFailure) in
            try load(policy, replacesBackend: replacesBackend)
        }
    }

    private func load(
        _ policy: PreflightPolicy, replacesBackend: Bool
    ) throws(OperationFailure) -> AppliedPlan {
        let move = try BackendMove(
            to: backend, of: plan.ruleset.instance, selection, isAsked: replacesBackend)
        tell(.notices(move.notices))
        let conflicts = FirewalldConflicts()
        if let store {
            tell(.notices(conflicts.warnings(plan, storedIn: store.path, besidePreflight: true)))
        } else {
            tell(.notices(try conflicts.check(plan, loadedBy: backend.name)))
        }
        try backend.checkHost(for: plan.ruleset)
        try policy.check(plan, backend.name) { tell(.notices($0)) }
        var applied = try move.run(tell) { () throws(OperationFailure) in
            try RulesLoading(plan.ruleset, backend, selection, move.openConnections).run(tell)
        }
        if let store { try self.store(in: store, &applied) }
        return applied
    }

    /// Stores the rules that are loaded now, with the prerequisites that were made for them.
    private func store(
        in store: FirewalldStore, _ applied: inout AppliedPlan
    ) throws(OperationFailure) {
        let outcome: FirewalldStore.Outcome
        do {
            let emission = try plan.firewalldEmission(owning: ownedPrerequisites())
            outcome = try store.store(emission)
            tell(.stored(outcome, emission, path: store.path))
        } catch {
            throw OperationFailure(error.diagnostics + [.appliedButNotStored(store.path)])
        }
        applied.stored = store.path
        tell(.notices(plan.notStored))
        try outcome.checkIsSettled()
    }

    private func ownedPrerequisites() throws(OperationFailure) -> [HostPrerequisite] {
        do {
            return try backend.installed(plan.ruleset.instance)?.ownedPrerequisites ?? []
        } catch {
            throw OperationFailure(error.diagnostic)
        }
    }
}
