import Diagnostics
import LinuxHost
import RuleIR

/// Moves an instance from other backends to one.
///
/// It loads the new rules and then removes the old ones, so that every connection is redirected.
/// Both record the prerequisites as theirs, and the last rules to be removed undo them, so the host
/// has them throughout. A killed move leaves both loaded, and the next `apply` or `remove` finishes
/// it.
struct BackendMove {
    private let backend: any Backend
    private let instance: InstanceName
    private let selection: BackendSelection
    private let others: [BackendSelection.Loaded]
    /// Diagnostics to print before the move.
    let notices: [Diagnostic]

    /// Refuses a move that wasn't requested, unless it was interrupted.
    init(
        to backend: any Backend, of instance: InstanceName, _ selection: BackendSelection,
        isAsked: Bool
    ) throws(OperationFailure) {
        self.backend = backend
        self.instance = instance
        self.selection = selection
        others = try selection.survey(instance, except: backend.name).loaded
        guard let other = others.first, !isAsked else {
            notices = []
            return
        }
        let refusal = Diagnostic.otherBackend(other.name.text, wanted: backend.name.text)
        let isBegun: Bool
        do throws(BackendError) {
            isBegun = try backend.installed(instance) != nil
        } catch {
            throw OperationFailure(refusal)
        }
        guard isBegun else { throw OperationFailure(refusal) }
        notices = others.map { .finishingMove(from: $0.name.text, to: backend.name.text) }
    }

    /// The treatment of open connections: those that another backend's rules decided stay as they
    /// are.
    var openConnections: OpenConnections? { others.isEmpty ? .keep : nil }

    /// Runs `load`, which loads the new rules, then removes the old ones.
    ///
    /// A SIGINT or SIGTERM ends the process after the move is complete or undone.
    func run(
        _ tell: (ApplyEvent) -> Void, load: () throws(OperationFailure) -> AppliedPlan
    ) throws(OperationFailure) -> AppliedPlan {
        let signals = DeferredSignals()
        defer { signals.deliver() }
        try claimPrerequisites()
        var applied = try load()
        for other in others {
            tell(.left(try leave(other)))
            try checkIsGone(other.backend)
            applied.left.append(other.name)
        }
        let owned = applied.installed.ownedPrerequisites.map(\.kind)
        let cleanup = selection.undoUnneeded(
            HostPrerequisite.Kind.allCases.filter { !owned.contains($0) }, of: instance)
        if !cleanup.problems.isEmpty { tell(.notices(cleanup.problems)) }
        for prerequisite in cleanup.undone { tell(.undone(prerequisite)) }
        return applied
    }

    /// Marks prerequisites that rules of an earlier version record as ours without a mark.
    ///
    /// The new rules then find them to be ours.
    private func claimPrerequisites() throws(OperationFailure) {
        do throws(BackendError) {
            for prerequisite in others.flatMap(\.installed.ownedPrerequisites) {
                try prerequisite.claim()
            }
        } catch {
            throw OperationFailure(error.diagnostic)
        }
    }

    private func leave(
        _ old: BackendSelection.Loaded
    ) throws(OperationFailure) -> RemoveOutcome {
        let needed = try selection.needed(
            old.installed.ownedPrerequisites, beside: old.name, of: instance)
        do throws(BackendError) {
            return try old.backend.remove(instance, sharing: .only(needed))
        } catch {
            throw OperationFailure(error.diagnostic.adding(.notLeft(old.name.text)))
        }
    }

    private func checkIsGone(_ old: any Backend) throws(OperationFailure) {
        let isGone: Bool
        do throws(BackendError) {
            isGone = try old.installed(instance) == nil
        } catch {
            throw OperationFailure(error.diagnostic.adding(.notLeft(old.name.text)))
        }
        guard isGone else { throw OperationFailure(.stillLoaded(old.name.text)) }
    }
}
