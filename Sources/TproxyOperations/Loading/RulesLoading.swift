import Diagnostics
import LinuxHost
import RuleIR

/// Loads rules into the kernel and reports the events.
struct RulesLoading {
    private let ruleset: Ruleset
    private let backend: any Backend
    private let selection: BackendSelection
    private let openConnections: OpenConnections?

    /// Creates a loading; `openConnections` is nil if rules of another backend have already
    /// decided.
    init(
        _ ruleset: Ruleset, _ backend: any Backend, _ selection: BackendSelection,
        _ openConnections: OpenConnections?
    ) {
        self.ruleset = ruleset
        self.backend = backend
        self.selection = selection
        self.openConnections = openConnections
    }

    /// Reports the changes to our rules, then makes them.
    func run(_ tell: (ApplyEvent) -> Void) throws(OperationFailure) -> AppliedPlan {
        // Usually nothing changes, and there is nothing to compare.
        guard let installed = try backend.found(ruleset.instance) else {
            return try load(over: nil, tell)
        }
        let digest = try backend.validDigest(of: ruleset)
        let isSame =
            installed.digest == digest && installed.isIntact
            && installed.version == tproxyVersion
        guard !isSame, backend.lister != nil else { return try load(over: installed, tell) }
        return try run(Comparison(ruleset, digest: digest, backend), tell)
    }

    /// Loads the rules, given an earlier comparison.
    func run(
        _ comparison: Comparison, _ tell: (ApplyEvent) -> Void
    ) throws(OperationFailure) -> AppliedPlan {
        // Rules without our ownership record are refused, not replaced.
        if comparison.installed != nil, !comparison.isSame {
            tell(.replacing(comparison))
        }
        return try load(over: comparison.installed, tell)
    }

    private func load(
        over before: InstalledRuleset?, _ tell: (ApplyEvent) -> Void
    ) throws(OperationFailure) -> AppliedPlan {
        // Only a prerequisite that the new rules don't need may have to stay for others.
        let former = (before?.ownedPrerequisites ?? []).filter {
            !ruleset.prerequisites.contains($0)
        }
        let shared = SharedPrerequisites.only(
            try selection.needed(former, beside: backend.name, of: ruleset.instance))
        do throws(BackendError) {
            guard before == nil, let openConnections else {
                return try load(PreparedConnections(), shared, tell)
            }
            return try openConnections.during(ruleset) { prepared throws(BackendError) in
                try load(prepared, shared, tell)
            }
        } catch {
            let now = StateAfterFailure(
                backend, ruleset.instance, before: before,
                wanted: try backend.validDigest(of: ruleset))
            throw OperationFailure(error.diagnostic(from: backend.name).adding(now))
        }
    }

    private func load(
        _ prepared: PreparedConnections, _ shared: SharedPrerequisites,
        _ tell: (ApplyEvent) -> Void
    ) throws(BackendError) -> AppliedPlan {
        // Reported before the rules are loaded: they may break the reader's session.
        if let problem = prepared.problem { tell(.notices([.connectionsNotKept(problem)])) }
        let outcome = try backend.apply(ruleset, sharing: shared)
        if let problem = outcome.fallback {
            tell(.notices([.submittedByNetlink(problem)]))
        }
        tell(.loaded(outcome, ruleset, keptConnections: prepared.kept))
        return AppliedPlan(
            outcome: outcome, ruleset: ruleset, keptConnections: prepared.kept)
    }
}
