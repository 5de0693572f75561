package import Diagnostics
package import RuleIR
package import RulesetDiff

/// A plan beside what one backend has loaded.
package struct Comparison {
    package let backend: BackendName
    /// The digest that the plan's rules would have.
    package let digest: String
    /// Elements that both sides are known to have may be missing in both.
    package let planned: ListedRules
    /// Nil when nothing of the instance is loaded.
    package let loaded: LoadedRules?
    package let diff: RulesetDiff
    package let shadows: [PrecedingRule]

    /// Reads what is loaded; changes nothing.
    ///
    /// `chains` are everybody's, for the shadows; none are looked for among no chains.
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
            shadows = PrecedingRule.shadows(over: planned, loaded: loaded?.rules, chains: chains)
        } catch {
            throw OperationFailure(error.diagnostic(from: backend.name))
        }
        diff = RulesetDiff(from: loaded?.rules ?? ListedRules([]), to: planned)
    }

    /// Whether `apply` would leave everything as it is.
    package var isSame: Bool {
        diff.isEmpty && installed?.isIntact == true && installed?.version == tproxyVersion
    }

    /// Nil when nothing is loaded, or nothing says that tproxy made it.
    package var installed: InstalledRuleset? { loaded?.installed }
}

extension Plan {
    /// The plan beside what the backend of `choice` has loaded, and what the user should know.
    ///
    /// What isn't whole is looked at again when nobody changes it, if that can be had.
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

    /// The same as it is now, whether it is whole or not.
    package func comparedNow(with choice: BackendChoice) throws(OperationFailure) -> Comparison {
        let selection = backends
        return try compared(with: selection.backend(of: choice), selection)
    }

    private func compared(
        with backend: any Backend, _ selection: BackendSelection
    ) throws(OperationFailure) -> Comparison {
        try Comparison(
            ruleset, digest: backend.validDigest(of: ruleset), backend,
            chains: selection.everybodysChains())
    }
}
