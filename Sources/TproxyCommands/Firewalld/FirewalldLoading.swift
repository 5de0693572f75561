import Addressing
import Diagnostics
import FirewalldControl
import FirewalldExporter
import HostChange
import IptablesBackend
import RuleIR

/// A change of firewalld's file that firewalld loads at once, or that is undone.
struct FirewalldLoading {
    private let store: FirewalldStore
    private let retry: RetryPolicy
    private let firewalld = Firewalld()

    /// Throws unless firewalld runs here, before anything is changed.
    init(_ store: FirewalldStore, _ retry: RetryPolicy) throws(CommandFailure) {
        self.store = store
        self.retry = retry
        let state = firewalld.state()
        switch state {
        case .running, .failed: break
        case .notRunning, .notInstalled, .unknown: throw CommandFailure(.cannotReload(state))
        }
        guard FirewalldPresence.look() == .running else {
            throw CommandFailure(.firewalldElsewhere())
        }
    }

    /// Stores the rules of a plan and has them loaded; adds the loopback address that they need.
    func load(_ plan: Plan) throws(CommandFailure) -> (
        FirewalldStore.Outcome, FirewalldExporter.Output
    ) {
        try holdingLock { () throws(CommandFailure) in
            try store.check(plan.firewalldEmission())
            let alias = try change(of: plan.ruleset.loopbackAlias)
            let emission: FirewalldExporter.Output
            let outcome: FirewalldStore.Outcome
            do throws(CommandFailure) {
                emission = try plan.firewalldEmission(ownedAlias: alias.owned)
                let digest = emission.digest
                outcome = try reloading(expecting: digest) {
                    () throws(CommandFailure) in try store.store(emission)
                }
            } catch {
                alias.rollBack()
                throw error
            }
            try committed(alias)
            return (outcome, emission)
        }
    }

    /// Takes the rules out of the file and has the rest loaded; takes the loopback address away if it
    /// was added for them.
    func unload() throws(CommandFailure) -> FirewalldStore.Outcome {
        try holdingLock { () throws(CommandFailure) in
            // Before the rules, since nobody would know whose it is when they are gone.
            let alias = try released(installed()?.ownedAlias)
            do throws(CommandFailure) {
                return try reloading(expecting: nil) { () throws(CommandFailure) in
                    try store.remove()
                }
            } catch {
                alias?.restore()
                throw error
            }
        }
    }

    /// Two that store and reload at once would each take the other's rules for a failure.
    private func holdingLock<Value>(
        _ body: () throws(CommandFailure) -> Value
    ) throws(CommandFailure) -> Value {
        try NamespaceLock.holding(retry, refusal: { CommandFailure($0.diagnostic) }, body)
    }

    private func reloading(
        expecting digest: String?, _ change: () throws(CommandFailure) -> FirewalldStore.Outcome
    ) throws(CommandFailure) -> FirewalldStore.Outcome {
        let old = try store.read()
        let outcome = try change()
        let new = outcome.bytes
        do throws(FirewalldReload.Failure) {
            try FirewalldReload.run(
                firewalld, look: { look(for: digest) },
                putBack: { store.putBack(old, insteadOf: new) })
        } catch {
            let culprits = new.map { RefusedElement.find(in: $0, store.path, error.cause) } ?? []
            throw CommandFailure(culprits + [error.diagnostic(about: store.path)])
        }
        return outcome
    }

    // MARK: The kernel

    private func look(for digest: String?) -> FirewalldReload.Loaded {
        let found: InstalledRuleset?
        do {
            found = try installed()
        } catch {
            return .different(error.diagnostics.map(\.message).joined(separator: "; "))
        }
        switch (found, digest) {
        case (nil, nil): return .asStored
        case (nil, .some): return .different("none of them is loaded")
        case (.some(let found), nil): return .different("\(found.name) are still loaded")
        case (.some(let found), .some(let digest)):
            guard found.digest == digest else {
                return .different("other rules are loaded (digest \(found.digest.prefix(12)))")
            }
            return found.isIntact ? .asStored : .different("some are missing or in another order")
        }
    }

    private func installed() throws(CommandFailure) -> InstalledRuleset? {
        guard let name = try FirewalldConflicts.backend() else {
            throw CommandFailure(.noFirewalldPrograms(IptablesFlavour.firewalldProgram))
        }
        let selection = BackendSelection(retry: retry)
        do throws(BackendError) {
            return try selection.backend(name).installed(.mesh)
        } catch {
            throw CommandFailure(selection.diagnostic(of: error, from: name))
        }
    }

    /// Whether rules that firewalld knows nothing of need the loopback address.
    private func isShared() throws(CommandFailure) -> Bool {
        try BackendSelection(retry: retry).sharesAlias(
            beside: FirewalldConflicts.backend(), of: .mesh)
    }

    private func change(of wanted: LoopbackAlias?) throws(CommandFailure) -> AliasChange {
        let former = try installed()?.ownedAlias
        let isShared = former == nil || former == wanted ? false : try isShared()
        do {
            return try AliasChange(from: former, to: wanted, isShared: isShared)
        } catch {
            throw CommandFailure(error.diagnostic)
        }
    }

    /// The address, if it was there to be taken away.
    private func released(_ alias: LoopbackAlias?) throws(CommandFailure) -> LoopbackAlias? {
        guard alias != nil, try !isShared() else { return nil }
        do throws(BackendError) {
            return try alias?.release() == true ? alias : nil
        } catch {
            throw CommandFailure(error.diagnostic)
        }
    }

    private func committed(_ alias: AliasChange) throws(CommandFailure) {
        do {
            try alias.commit()
        } catch {
            throw CommandFailure(error.diagnostic)
        }
    }
}
