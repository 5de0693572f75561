import Diagnostics
import HostChange
import RuleIR

/// The way from the backends that have rules loaded to the one that shall have them alone.
///
/// The new rules go in, then the old ones out, so nothing goes uncaptured. Both say that the loopback
/// address is theirs, and the last to go takes it away, so it is there throughout. A move that was
/// killed leaves both loaded, and the next `apply` or `remove` finishes it.
struct BackendMove {
    private let name: BackendName
    private let instance: InstanceName
    private let selection: BackendSelection
    private let others: [BackendSelection.Loaded]

    /// Refuses a move that wasn't asked for, unless it is one that was interrupted.
    init(
        to name: BackendName, of instance: InstanceName, _ selection: BackendSelection,
        isAsked: Bool
    ) throws(CommandFailure) {
        self.name = name
        self.instance = instance
        self.selection = selection
        others = try selection.loaded(instance, except: name)
        guard let other = others.first, !isAsked else { return }
        let refusal = Diagnostic.otherBackend(other.name.rawValue, wanted: name.rawValue)
        let isBegun: Bool
        do throws(BackendError) {
            isBegun = try selection.backend(name).installed(instance) != nil
        } catch {
            throw CommandFailure(refusal)
        }
        guard isBegun else { throw CommandFailure(refusal) }
        Console.report(others.map { .finishingMove(from: $0.name.rawValue, to: name.rawValue) })
    }

    /// What happens to connections that are open: those that another backend's rules have decided on
    /// go on as they are.
    var openConnections: OpenConnections? { others.isEmpty ? .keep : nil }

    /// Runs `load`, which puts the new rules in, then takes the old ones out.
    ///
    /// A SIGINT or SIGTERM ends the process when the move is finished, or undone.
    func run(
        _ reporter: ApplyReporter, load: () throws(CommandFailure) -> ApplyReport
    ) throws(CommandFailure) -> ApplyReport {
        let signals = DeferredSignals()
        defer { signals.deliver() }
        try claimAddress()
        var report = try load()
        for other in others {
            try leave(other, reporter)
            report.left.append(other.name.rawValue)
        }
        if report.loopbackAddress == nil {
            for alias in selection.releaseUnneededAliases(instance) {
                reporter.say("removed \(alias)")
            }
        }
        return report
    }

    /// Rules of a version that didn't mark the address say that it is ours, and the new ones must know.
    private func claimAddress() throws(CommandFailure) {
        do throws(BackendError) {
            for other in others { try other.installed.ownedAlias?.claim() }
        } catch {
            throw CommandFailure(error.diagnostic)
        }
    }

    private func leave(
        _ old: BackendSelection.Loaded, _ reporter: ApplyReporter
    ) throws(CommandFailure) {
        let isGone: Bool
        let sharesAlias =
            old.installed.ownedAlias == nil
            ? false : try selection.sharesAlias(beside: old.name, of: instance)
        do throws(BackendError) {
            let outcome = try selection.backend(old.name).remove(
                instance, sharesAlias: sharesAlias)
            reporter.say(RemoveSummary(outcome: outcome).text)
            isGone = try selection.backend(old.name).installed(instance) == nil
        } catch {
            throw CommandFailure(error.diagnostic.adding(.notLeft(old.name.rawValue)))
        }
        guard isGone else { throw CommandFailure(.stillLoaded(old.name.rawValue)) }
    }
}
