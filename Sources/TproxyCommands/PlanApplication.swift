import RuleIR

/// A plan on its way into the kernel, and into firewalld's file where that is asked for.
struct PlanApplication {
    private let plan: Plan
    private let selection: BackendSelection
    private let name: BackendName
    private let store: FirewalldStore?
    private let reporter: ApplyReporter

    /// `store` is where firewalld shall find the rules.
    init(
        _ plan: Plan, _ choice: BackendOptions.Choice, _ store: FirewalldStore?,
        _ reporter: ApplyReporter
    ) throws(CommandFailure) {
        self.plan = plan
        self.store = store
        self.reporter = reporter
        selection = plan.backends
        name =
            try store == nil
            ? selection.name(of: choice) : BackendSelection.nameForFirewalld(choice)
    }

    /// Refuses before anything is changed, or does all of it and says so.
    ///
    /// No other tproxy comes between the look at what is loaded and the change.
    func run(_ preflight: PreflightOptions, replacesBackend: Bool) throws {
        // What can't be stored isn't loaded either.
        try store?.check(plan.firewalldEmission())
        let report = try selection.exclusively { () throws(CommandFailure) in
            try load(preflight, replacesBackend: replacesBackend)
        }
        try reporter.finish(report)
    }

    private func load(
        _ preflight: PreflightOptions, replacesBackend: Bool
    ) throws(CommandFailure) -> ApplyReport {
        let move = try BackendMove(
            to: name, of: plan.ruleset.instance, selection, isAsked: replacesBackend)
        let conflicts = FirewalldConflicts()
        if let store {
            conflicts.report(plan, storedIn: store.path, besidePreflight: true)
        } else {
            try conflicts.check(plan, loadedBy: name)
        }
        try selection.checkDockerChain(for: plan.ruleset, name)
        try preflight.check(plan, name)
        var report = try move.run(reporter) { () throws(CommandFailure) in
            try RulesLoading(plan.ruleset, name, selection, move.openConnections)
                .run(reporter)
        }
        if let store { try self.store(in: store, &report) }
        return report
    }

    /// Stores the rules that are loaded now, with whose the loopback address is.
    private func store(
        in store: FirewalldStore, _ report: inout ApplyReport
    ) throws(CommandFailure) {
        let outcome: FirewalldStore.Outcome
        do {
            let emission = try plan.firewalldEmission(ownedAlias: ownedAlias())
            outcome = try store.store(emission)
            reporter.say(FirewalldSummary.stored(outcome, emission, in: store.path))
        } catch {
            throw CommandFailure(error.diagnostics + [.appliedButNotStored(store.path)])
        }
        report.stored = store.path
        if let alias = plan.ruleset.loopbackAlias { Console.report([.aliasNotStored(alias)]) }
        try outcome.checkIsSettled()
    }

    private func ownedAlias() throws(CommandFailure) -> LoopbackAlias? {
        do {
            return try selection.backend(name).installed(plan.ruleset.instance)?.ownedAlias
        } catch {
            throw CommandFailure(error.diagnostic)
        }
    }
}
