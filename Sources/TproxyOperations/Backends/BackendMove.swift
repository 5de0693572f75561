import Diagnostics
import LinuxHost
import RuleIR

/// Moves an instance from other backends to one.
///
/// The new rules are loaded before the old ones are removed, so no packet is unredirected. Both
/// records claim the loopback address, and the last to be removed deletes it, so it is present
/// throughout. An interrupted move leaves both loaded; the next `apply` or `remove` completes it.
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
        try claimAddress()
        var applied = try load()
        for other in others {
            tell(.left(try leave(other)))
            try checkIsGone(other.backend)
            applied.left.append(other.name)
        }
        if applied.installed.ownedAlias == nil {
            let release = selection.releaseUnneededAliases(instance)
            if !release.problems.isEmpty { tell(.notices(release.problems)) }
            for alias in release.gone { tell(.addressRemoved(alias)) }
        }
        return applied
    }

    /// Rules of a version that didn't mark the address claim it, and the new rules must do so, too.
    private func claimAddress() throws(OperationFailure) {
        do throws(BackendError) {
            for other in others { try other.installed.ownedAlias?.claim() }
        } catch {
            throw OperationFailure(error.diagnostic)
        }
    }

    private func leave(
        _ old: BackendSelection.Loaded
    ) throws(OperationFailure) -> RemoveOutcome {
        let sharesAlias =
            old.installed.ownedAlias == nil
            ? false : try selection.sharesAlias(beside: old.name, of: instance)
        do throws(BackendError) {
            return try old.backend.remove(instance, sharesAlias: sharesAlias)
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
