import Diagnostics
import HostChange
import IptablesRules
import NftablesBackend
import RuleIR

/// Puts rules into the kernel and says so.
struct RulesLoading {
    private let ruleset: Ruleset
    private let backend: BackendName
    private let selection: BackendSelection
    private let openConnections: OpenConnections?

    /// `openConnections` is nil where another backend has rules loaded, and so has decided already.
    init(
        _ ruleset: Ruleset, _ backend: BackendName, _ selection: BackendSelection,
        _ openConnections: OpenConnections?
    ) {
        self.ruleset = ruleset
        self.backend = backend
        self.selection = selection
        self.openConnections = openConnections
    }

    /// Says on stderr what of ours is about to change, since stdout is for what was done; then does it.
    func run(_ reporter: ApplyReporter) throws(CommandFailure) -> ApplyReport {
        // Most often nothing changes, and then there is nothing to compare.
        guard let installed = try installed() else { return try load(over: nil, reporter) }
        let digest = try selection.digest(of: ruleset, for: backend)
        let isSame =
            installed.digest == digest && installed.isIntact
            && installed.version == tproxyVersion
        guard !isSame else { return try load(over: installed, reporter) }
        return try run(Comparison(ruleset, digest: digest, backend, selection), reporter)
    }

    /// The same, where what is loaded was compared already.
    func run(
        _ comparison: Comparison, _ reporter: ApplyReporter
    ) throws(CommandFailure) -> ApplyReport {
        // What isn't marked as ours is refused, and not changed.
        if comparison.installed != nil, !comparison.isSame {
            Console.note(DiffText(comparison).report)
        }
        return try load(over: comparison.installed, reporter)
    }

    private func installed() throws(CommandFailure) -> InstalledRuleset? {
        do throws(BackendError) {
            return try selection.backend(backend).installed(ruleset.instance)
        } catch {
            throw CommandFailure(selection.diagnostic(of: error, from: backend))
        }
    }

    private func load(
        over before: InstalledRuleset?, _ reporter: ApplyReporter
    ) throws(CommandFailure) -> ApplyReport {
        // Only an address that the new rules don't need may have to stay for others.
        let former = before?.ownedAlias
        let sharesAlias =
            former == nil || former == ruleset.loopbackAlias
            ? false : try selection.sharesAlias(beside: backend, of: ruleset.instance)
        do throws(BackendError) {
            guard before == nil, let openConnections else {
                return try load(PreparedConnections(), sharesAlias, reporter)
            }
            return try openConnections.during(ruleset) { prepared throws(BackendError) in
                try load(prepared, sharesAlias, reporter)
            }
        } catch {
            let now = LoadedNow(
                selection.backend(backend), ruleset.instance, before: before,
                wanted: try selection.digest(of: ruleset, for: backend))
            throw CommandFailure(selection.diagnostic(of: error, from: backend).adding(now))
        }
    }

    private func load(
        _ prepared: PreparedConnections, _ sharesAlias: Bool, _ reporter: ApplyReporter
    ) throws(BackendError) -> ApplyReport {
        // Said before the rules are in: the session that reads it may be one of them.
        if let problem = prepared.problem { Console.report([.connectionsNotKept(problem)]) }
        let outcome = try selection.backend(backend).apply(ruleset, sharesAlias: sharesAlias)
        if let problem = outcome.installed.fallback {
            Console.report([.submittedByNetlink(problem)])
        }
        var summary = ApplySummary(outcome: outcome, ruleset: ruleset)
        summary.keptConnections = prepared.kept
        reporter.say(summary.text)
        return ApplyReport(outcome, of: ruleset, keptConnections: prepared.kept)
    }
}
