package import Diagnostics
package import FirewalldExporter
package import RuleIR

/// Applies a plan: loads its rules and, on request, stores them in firewalld's file.
package struct PlanApplication {
    private let plan: Plan
    private let selection: BackendSelection
    private let backend: any Backend
    private let store: FirewalldStore?
    private let tell: (ApplyEvent) -> Void

    /// Creates an application; `store` is firewalld's file, and `tell` receives the events.
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

    /// Refuses before anything is changed, or completes the change.
    ///
    /// No other tproxy changes rules between the comparison and the change.
    ///
    /// With `confirm`, the former rules return after this time unless the change is confirmed.
    package func run(
        _ policy: PreflightPolicy, replacesBackend: Bool, confirm: Duration? = nil
    ) throws(OperationFailure) -> AppliedPlan {
        guard confirm == nil || store == nil else {
            throw OperationFailure(.confirmWithFirewalld())
        }
        // Rules that can't be stored aren't loaded either.
        let ofStore = try store?.check(plan.firewalldEmission()) ?? []
        return try selection.exclusively { () throws(OperationFailure) in
            try load(policy, ofStore, replacesBackend: replacesBackend, confirm)
        }
    }

    /// Loads the rules; `ofStore` are the diagnostics that storing them will report.
    private func load(
        _ policy: PreflightPolicy, _ ofStore: [Diagnostic], replacesBackend: Bool,
        _ confirm: Duration?
    ) throws(OperationFailure) -> AppliedPlan {
        try PendingDecision.refuseSecond()
        let move = try BackendMove(
            to: backend, of: plan.ruleset.instance, selection, isAsked: replacesBackend)
        let conflicts = FirewalldConflicts()
        var notices = move.notices
        if let store {
            notices += conflicts.warnings(plan, storedIn: store.path, withPreflight: true)
            notices += plan.notStored
        } else {
            notices += try conflicts.check(plan, loadedBy: backend.name)
        }
        // A warning about the file refuses the plan before the file is changed.
        if policy.isStrict { notices += ofStore.filter { $0.severity == .warning } }
        tell(.notices(notices))
        try backend.checkHost(for: plan.ruleset)
        try policy.check(plan, backend.name, after: notices) { tell(.notices($0)) }
        var applied = try ConfirmedLoading.run(
            within: confirm, plan.ruleset, backend, selection, tell
        ) { () throws(OperationFailure) in
            try move.run(tell) { () throws(OperationFailure) in
                try RulesLoading(plan.ruleset, backend, selection, move.openConnections, policy)
                    .run(tell)
            }
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

/// An event while a plan is applied, in order of occurrence.
///
/// Each event is reported before the next step, so it is known even if a later step fails or cuts
/// the user's connection.
package enum ApplyEvent {
    /// Diagnostics for the user.
    case notices([Diagnostic])
    /// The former rules return at a deadline unless the change that follows is confirmed.
    case guarded(PendingChange)
    /// The rules are loaded, and this number of open connections is kept.
    ///
    /// The comparison is with the rules that they replaced; nil if there were none.
    case loaded(ApplyOutcome, Ruleset, Comparison?, keptConnections: Int)
    /// The rules of another backend were removed after a move.
    case left(RemoveOutcome)
    /// A prerequisite that no rules need was undone.
    case undone(HostPrerequisite)
    /// The rules were stored in firewalld's file.
    case stored(FirewalldStore.Outcome, FirewalldExporter.Output, path: String)
}

/// The result of applying a plan.
package struct AppliedPlan {
    package var outcome: ApplyOutcome
    package var ruleset: Ruleset
    /// The number of open connections that were entered into conntrack and so continue.
    package var keptConnections: Int
    /// The backends whose rules were removed.
    package var left: [BackendName] = []
    /// The file from which firewalld will load the rules.
    package var stored: String?
    /// The change, if it waits for confirmation.
    package var pending: PendingChange?

    /// The loaded ruleset.
    package var installed: InstalledRuleset { outcome.installed }
}
