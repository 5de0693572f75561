import Addressing
import Diagnostics
import FirewalldControl
package import FirewalldExporter
import LinuxHost
import IptablesBackend
package import RuleIR
import TextSearch

/// Changes firewalld's file and makes firewalld load it, or undoes the change.
package struct FirewalldLoading {
    private let store: FirewalldStore
    private let retry: RetryPolicy
    private let firewalld = Firewalld()

    /// Throws unless firewalld runs on this host; changes nothing.
    package init(_ store: FirewalldStore, _ retry: RetryPolicy) throws(OperationFailure) {
        self.store = store
        self.retry = retry
        let state = firewalld.state()
        switch state {
        case .running, .failed: break
        case .notRunning, .notInstalled, .unknown: throw OperationFailure(.cannotReload(state))
        }
        guard FirewalldPresence.look() == .running else {
            throw OperationFailure(.firewalldElsewhere())
        }
    }

    /// Stores the rules of a plan and has them loaded; makes their prerequisites.
    package func load(_ plan: Plan) throws(OperationFailure) -> (
        FirewalldStore.Outcome, FirewalldExporter.Output
    ) {
        try holdingLock { () throws(OperationFailure) in
            try store.check(plan.firewalldEmission())
            let change = try change(to: plan.ruleset.prerequisites)
            let emission: FirewalldExporter.Output
            let outcome: FirewalldStore.Outcome
            do throws(OperationFailure) {
                emission = try plan.firewalldEmission(owning: change.owned)
                let digest = emission.digest
                outcome = try reloading(expecting: digest) {
                    () throws(OperationFailure) in try store.store(emission)
                }
            } catch {
                change.rollBack()
                throw error
            }
            try committed(change)
            return (outcome, emission)
        }
    }

    /// Removes the rules from the file and makes firewalld load the rest.
    ///
    /// Undoes the prerequisites that were made for the rules.
    package func unload() throws(OperationFailure) -> FirewalldStore.Outcome {
        try holdingLock { () throws(OperationFailure) in
            // Before the rules are removed, since they record which prerequisites are ours.
            let change = try change(undoing: installed()?.ownedPrerequisites ?? [])
            do throws(OperationFailure) {
                return try reloading(expecting: nil) { () throws(OperationFailure) in
                    try store.remove()
                }
            } catch {
                change.rollBack()
                throw error
            }
        }
    }

    /// Two concurrent runs would each take the other's rules for a failure.
    private func holdingLock<Value>(
        _ body: () throws(OperationFailure) -> Value
    ) throws(OperationFailure) -> Value {
        try NamespaceLock.holding(retry, refusal: { OperationFailure($0.diagnostic) }, body)
    }

    private func reloading(
        expecting digest: String?, _ change: () throws(OperationFailure) -> FirewalldStore.Outcome
    ) throws(OperationFailure) -> FirewalldStore.Outcome {
        let old = try store.read()
        let outcome = try change()
        let new = outcome.bytes
        do throws(FirewalldReload.Failure) {
            try FirewalldReload.run(
                firewalld, look: { look(for: digest) },
                restore: { store.restore(old, insteadOf: new) })
        } catch {
            let culprits = new.map { RefusedElement.find(in: $0, store.path, error.cause) } ?? []
            throw OperationFailure(culprits + [error.diagnostic(about: store.path)])
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

    private func installed() throws(OperationFailure) -> InstalledRuleset? {
        guard let name = try FirewalldConflicts.backend() else {
            throw OperationFailure(.noFirewalldPrograms(IptablesFlavour.firewalldProgram))
        }
        return try BackendSelection(retry: retry).backend(name).found(.mesh)
    }

    /// Returns the prerequisites that rules unknown to firewalld need.
    private func shared(
        _ former: [HostPrerequisite]
    ) throws(OperationFailure) -> SharedPrerequisites {
        .only(
            try BackendSelection(retry: retry).needed(
                former, beside: FirewalldConflicts.backend(), of: .mesh))
    }

    private func change(
        to wanted: [HostPrerequisite]
    ) throws(OperationFailure) -> PrerequisiteChange {
        let former = try installed()?.ownedPrerequisites ?? []
        let shared = try shared(former.filter { !wanted.contains($0) })
        do {
            return try PrerequisiteChange(from: former, to: wanted, sharing: shared)
        } catch {
            throw OperationFailure(error.diagnostic)
        }
    }

    private func change(
        undoing former: [HostPrerequisite]
    ) throws(OperationFailure) -> PrerequisiteChange {
        let shared = try shared(former)
        do {
            return try PrerequisiteChange(undoing: former, sharing: shared)
        } catch {
            throw OperationFailure(error.diagnostic)
        }
    }

    private func committed(_ change: PrerequisiteChange) throws(OperationFailure) {
        do {
            try change.commit()
        } catch {
            throw OperationFailure(error.diagnostic)
        }
    }
}

/// The element of `direct.xml` because of which firewalld wouldn't load the others.
enum RefusedElement {
    /// Tries the direct rules of both families in a temporary network namespace.
    ///
    /// Only a refusal with firewalld's own reason is reported, since rules may need chains or sets
    /// that only firewalld creates.
    static func find(
        in bytes: [UInt8], _ path: String, _ cause: FirewalldReload.Cause
    ) -> [Diagnostic] {
        guard case .refused(let words) = cause else { return [] }
        return AddressFamily.allCases.compactMap { family in
            guard let rules = try? TrialRules(of: bytes, family),
                let refusal = RestoreTrial.firstRefusal(
                    program(family), count: rules.count, document: rules.document),
                words.contains(text: refusal.words)
            else { return nil }
            return .refusedByIptables(
                refusal.words, at: rules.place(of: refusal.rule).location(in: path))
        }
    }

    private static func program(_ family: AddressFamily) -> String {
        switch family {
        case .ipv4: IptablesFlavour.firewalldProgram
        case .ipv6:
            IptablesFlavour.firewalldProgram.replacing(
                text: "iptables", with: "ip6tables")
        }
    }
}
