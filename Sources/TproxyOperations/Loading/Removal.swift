package import Diagnostics
import FirewalldExporter
import LinuxHost
package import RuleIR

/// An event while rules are removed, in order of occurrence.
package enum RemoveEvent {
    /// Diagnostics for the user.
    case notices([Diagnostic])
    case nothingToRemove
    case wouldRemove(InstalledRuleset)
    case removed(RemoveOutcome)
    /// A prerequisite that no rules need any longer was undone.
    case undone(HostPrerequisite)
    /// A prerequisite of rules that were deleted earlier; reported, or undone.
    case prerequisiteLeft(HostPrerequisite, isUndone: Bool)
    case wouldUnstore(elements: Int, path: String)
    case unstored(FirewalldStore.Outcome, path: String)
}

/// The result of removing rules.
package struct RemovedRules {
    package var removed: [InstalledRuleset] = []
    /// The prerequisites of rules that were deleted earlier; nil if none were searched for.
    package var prerequisitesLeft: [HostPrerequisite]?
    /// The file of firewalld that no longer contains our rules.
    package var unstored: String?
}

/// Removes everything that was loaded for an instance, and nothing else.
package struct Removal {
    private let instance: InstanceName
    private let selection: BackendSelection
    private let store: FirewalldStore
    private let isUnstoring: Bool
    private let isDryRun: Bool
    private let tell: (RemoveEvent) -> Void

    /// Creates a removal.
    ///
    /// `store` is firewalld's file, from which the rules are also removed if `isUnstoring`.
    /// `isDryRun` changes nothing and reports what would be removed.
    package init(
        of instance: InstanceName, _ selection: BackendSelection, _ store: FirewalldStore,
        isUnstoring: Bool, isDryRun: Bool, tell: @escaping (RemoveEvent) -> Void
    ) {
        self.instance = instance
        self.selection = selection
        self.store = store
        self.isUnstoring = isUnstoring
        self.isDryRun = isDryRun
        self.tell = tell
    }

    package func run() throws(OperationFailure) -> RemovedRules {
        guard !isDryRun else { return try removeAll() }
        return try selection.exclusively(
            passing: { tell(.notices([$0])) }
        ) { () throws(OperationFailure) in
            try PendingDecision.refuseSecond()
            return try removeAll()
        }
    }

    private func removeAll() throws(OperationFailure) -> RemovedRules {
        let survey = try selection.survey(instance)
        let loaded = survey.loaded
        // A file that can't be changed is reported before the rules are removed.
        let stored = isUnstoring ? try store.removing(from: store.read()) : nil
        var result = RemovedRules()
        let left = loaded.isEmpty ? try selection.unneeded(of: instance) : []
        let isNothing = loaded.isEmpty && left.isEmpty && stored?.isDifferent != true
        // If nothing else is loaded, "nothing is loaded" would be wrong.
        let doubts = survey.doubts(isNothing ? .error : .warning)
        guard !isNothing || doubts.isEmpty else { throw OperationFailure(doubts) }
        tell(.notices(doubts))
        if isNothing { tell(.nothingToRemove) }
        try removeRules(loaded, &result)
        if loaded.isEmpty {
            try undo(left, &result)
        } else if !isDryRun {
            let cleanup = selection.undoUnneeded(of: instance)
            tell(.notices(cleanup.problems))
            for prerequisite in cleanup.undone { tell(.undone(prerequisite)) }
        }
        if let stored, stored.isDifferent {
            try remove(stored)
            result.unstored = store.path
        } else if stored != nil {
            if !isDryRun { store.removeLeftovers() }
        } else if FirewalldConflicts().loads(store.path), store.isHoldingRules {
            tell(.notices([.stillStored(store.path)]))
        }
        return result
    }

    /// Removes all rules; a SIGINT or SIGTERM ends the process after that.
    private func removeRules(
        _ loaded: [BackendSelection.Loaded], _ result: inout RemovedRules
    ) throws(OperationFailure) {
        let signals = DeferredSignals()
        defer { signals.deliver() }
        let neededBeyond = try selection.needed(
            loaded.flatMap(\.installed.ownedPrerequisites), beyond: instance)
        var rest = loaded[...]
        while let one = rest.popFirst() {
            let needed = neededBeyond + rest.flatMap(\.installed.ownedPrerequisites)
            try remove(one, sharing: .only(needed))
            result.removed.append(one.installed)
        }
        if !isDryRun { selection.clearLeftovers(of: instance, beside: loaded) }
    }

    private func remove(
        _ one: BackendSelection.Loaded, sharing shared: SharedPrerequisites
    ) throws(OperationFailure) {
        guard !isDryRun else { return tell(.wouldRemove(one.installed)) }
        do throws(BackendError) {
            let outcome = try one.backend.remove(instance, sharing: shared)
            tell(.removed(outcome))
        } catch {
            let now = StateAfterFailure(
                one.backend, instance, before: one.installed, wanted: nil)
            throw OperationFailure(error.diagnostic.adding(now))
        }
    }

    /// Undoes the prerequisites that deleted rules have left.
    private func undo(
        _ left: [HostPrerequisite], _ result: inout RemovedRules
    ) throws(OperationFailure) {
        guard !left.isEmpty else { return }
        let undone = isDryRun ? left : try selection.undo(left)
        for prerequisite in undone {
            tell(.prerequisiteLeft(prerequisite, isUndone: !isDryRun))
        }
        result.prerequisitesLeft = undone
    }

    private func remove(_ stored: FirewalldStore.Proposal) throws(OperationFailure) {
        guard !isDryRun else {
            return tell(.wouldUnstore(elements: stored.change.removed, path: store.path))
        }
        let outcome: FirewalldStore.Outcome
        do {
            outcome = try store.remove()
        } catch {
            throw OperationFailure(error.diagnostics + [.removedButStored(store.path)])
        }
        tell(.unstored(outcome, path: store.path))
        try outcome.checkIsSettled()
    }
}
