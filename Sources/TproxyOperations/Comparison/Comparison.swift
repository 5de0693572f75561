package import Diagnostics
package import RuleIR
package import RulesetDiff

/// A plan and the rules that one backend has loaded.
package struct Comparison {
    package let backend: BackendName
    /// The digest of the plan's rules.
    package let digest: String
    /// The planned rules; elements that are equal on both sides may be omitted from both.
    package let planned: ListedRules
    /// The loaded rules; nil if nothing of the instance is loaded.
    package let loaded: LoadedRules?
    /// Whether elements that are equal on both sides are omitted from both.
    let isShortened: Bool
    package let diff: RulesetDiff
    /// The differences in terms of the plan; nil if the loaded rules aren't those of a plan.
    package let changes: PlanChanges?
    package let precedingRules: [PrecedingRule]
    /// What is otherwise on the host than the loaded rules assume, as sentences.
    package let hostChanges: [String]

    /// Reads the loaded rules; changes nothing.
    ///
    /// `chains` are the chains of all programs, in which preceding rules are searched.
    init(
        _ ruleset: Ruleset, digest: String, _ backend: any Backend,
        chains: [LoadedChain] = []
    ) throws(OperationFailure) {
        guard let lister = backend.lister else {
            throw OperationFailure(.cannotList(backend.name.text))
        }
        self.backend = backend.name
        self.digest = digest
        do throws(BackendError) {
            let found = try lister.plannedAndLoaded(ruleset)
            planned = found.planned
            loaded = found.loaded
            isShortened = found.isShortened
            hostChanges = found.hostChanges
            precedingRules = PrecedingRule.all(
                before: planned, loaded: loaded?.rules, chains: chains)
        } catch {
            throw OperationFailure(error.diagnostic(from: backend.name))
        }
        diff = RulesetDiff(from: loaded?.rules ?? ListedRules([]), to: planned)
        if let loaded {
            changes = PlanChanges(from: loaded.rules, to: planned, of: ruleset)
        } else {
            changes = nil
        }
    }

    /// Whether `apply` would change nothing.
    package var isSame: Bool {
        diff.isEmpty && hostChanges.isEmpty && installed?.isIntact == true
            && installed?.version == tproxyVersion
    }

    /// The ownership record; nil if nothing is loaded, or without a record of tproxy.
    package var installed: InstalledRuleset? { loaded?.installed }
}

extension Plan {
    /// Compares the plan with the rules that the backend of `choice` has loaded.
    ///
    /// If they aren't intact, reads them again while no other tproxy changes them, if possible.
    package func compared(
        with choice: BackendChoice
    ) throws(OperationFailure) -> (comparison: Comparison, notices: [Diagnostic]) {
        let selection = backends
        let backend = try selection.backend(of: choice)
        let seen = try compared(with: backend, selection)
        var comparison = seen
        if seen.loaded != nil, seen.installed?.isIntact != true {
            comparison =
                (try? selection.exclusively { () throws(OperationFailure) in
                    try compared(with: backend, selection)
                }) ?? seen
        }
        let others = try selection.survey(ruleset.instance, except: backend.name).loaded
        return (comparison, others.map { .alsoLoaded($0.name.text) })
    }

    /// Compares the plan with the loaded rules, whether or not they are intact.
    package func comparedNow(with choice: BackendChoice) throws(OperationFailure) -> Comparison {
        let selection = backends
        return try compared(with: selection.backend(of: choice), selection)
    }

    private func compared(
        with backend: any Backend, _ selection: BackendSelection
    ) throws(OperationFailure) -> Comparison {
        try Comparison(
            ruleset, digest: backend.validDigest(of: ruleset), backend,
            chains: selection.allChains())
    }
}
