import Diagnostics
import LinuxHost
import RuleIR

/// Loads rules into the kernel and reports the events.
struct RulesLoading {
    private let ruleset: Ruleset
    private let backend: any Backend
    private let selection: BackendSelection
    private let openConnections: OpenConnections?
    private let policy: PreflightPolicy

    /// The reason why the rules aren't loaded.
    private enum Stop: Error {
        case backend(BackendError)
        /// The policy refuses a warning that was reported.
        case policy(OperationFailure)
    }

    /// Creates a loading; `openConnections` is nil if rules of another backend have already
    /// decided.
    init(
        _ ruleset: Ruleset, _ backend: any Backend, _ selection: BackendSelection,
        _ openConnections: OpenConnections?,
        _ policy: PreflightPolicy = PreflightPolicy(isLeftOut: false, isStrict: false)
    ) {
        self.policy = policy
        self.ruleset = ruleset
        self.backend = backend
        self.selection = selection
        self.openConnections = openConnections
    }

    /// Changes our rules, and reports the changes.
    func run(_ tell: (ApplyEvent) -> Void) throws(OperationFailure) -> AppliedPlan {
        // Usually nothing changes, and there is nothing to compare.
        guard let installed = try backend.found(ruleset.instance) else {
            return try load(over: nil, nil, tell)
        }
        let digest = try backend.validDigest(of: ruleset)
        let isSame =
            installed.digest == digest && installed.isIntact
            && installed.version == tproxyVersion
        guard !isSame, backend.lister != nil else {
            return try load(over: installed, nil, tell)
        }
        return try run(Comparison(ruleset, digest: digest, backend), tell)
    }

    /// Loads the rules, given an earlier comparison.
    func run(
        _ comparison: Comparison, _ tell: (ApplyEvent) -> Void
    ) throws(OperationFailure) -> AppliedPlan {
        try load(over: comparison.installed, comparison, tell)
    }

    private func load(
        over before: InstalledRuleset?, _ comparison: Comparison?, _ tell: (ApplyEvent) -> Void
    ) throws(OperationFailure) -> AppliedPlan {
        // Only a prerequisite that the new rules don't need may have to stay for others.
        let former = (before?.ownedPrerequisites ?? []).filter {
            !ruleset.prerequisites.contains($0)
        }
        let shared = SharedPrerequisites.only(
            try selection.needed(former, beside: backend.name, of: ruleset.instance))
        do throws(Stop) {
            guard before == nil, let openConnections else {
                return try load(PreparedConnections(), shared, comparison, tell)
            }
            return try openConnections.during(ruleset) { prepared throws(Stop) in
                try load(prepared, shared, comparison, tell)
            }
        } catch {
            switch error {
            case .policy(let refusal): throw refusal
            case .backend(let error):
                let now = StateAfterFailure(
                    backend, ruleset.instance, before: before,
                    wanted: try backend.validDigest(of: ruleset))
                throw OperationFailure(error.diagnostic(from: backend.name).adding(now))
            }
        }
    }

    private func load(
        _ prepared: PreparedConnections, _ shared: SharedPrerequisites,
        _ comparison: Comparison?, _ tell: (ApplyEvent) -> Void
    ) throws(Stop) -> AppliedPlan {
        // Reported before the rules are loaded: they may break the reader's session.
        if let problem = prepared.problem {
            let warning = Diagnostic.connectionsNotKept(problem)
            tell(.notices([warning]))
            do throws(OperationFailure) {
                try policy.refuseWarnings(among: [warning])
            } catch {
                throw .policy(error)
            }
        }
        let outcome: ApplyOutcome
        do throws(BackendError) {
            outcome = try backend.apply(ruleset, sharing: shared)
        } catch {
            throw .backend(error)
        }
        if let problem = outcome.fallback {
            tell(.notices([.submittedByNetlink(problem)]))
        }
        tell(.loaded(outcome, ruleset, comparison, keptConnections: prepared.kept))
        return AppliedPlan(
            outcome: outcome, ruleset: ruleset, keptConnections: prepared.kept)
    }
}
