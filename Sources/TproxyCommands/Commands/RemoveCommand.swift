import ArgumentParser
import Diagnostics
import FirewalldExporter
import HostChange
import IptablesBackend
import RuleIR

/// Takes rules out: `remove`, which Kuma's users know as `uninstall transparent-proxy`.
struct RemoveCommand<Words: CommandWords>: ParsableCommand {
    static var configuration: CommandConfiguration { Words.configuration }

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var programs: ProgramsOptions

    @Option(help: "How to print what was done.")
    var output: OutputForm = .text

    @Flag(help: "Say what would be removed and do nothing.")
    var dryRun = false

    @Flag(help: "Take out what kumactl itself installed, rule by rule.")
    var kumactl = false

    @Flag(help: "Take them out of what is stored for firewalld, too.")
    var storeFirewalld = false

    @OptionGroup var firewalld: FirewalldOptions

    // What else 'kumactl uninstall transparent-proxy' takes.
    @Flag(help: .hidden) var verbose = false
    @Flag(help: .hidden) var ebpfEnabled = false
    @Option(help: .hidden) var ebpfBpffsPath: String?

    func run() throws {
        guard !ebpfEnabled else { throw CommandFailure(.noEBPF(at: nil)) }
        let selection = try programs.backends()
        guard !kumactl else { return try removeKumactl(selection) }
        let report =
            dryRun
            ? try removeAll(selection)
            : try selection.exclusively(passesStopped: true) { () throws(CommandFailure) in
                try removeAll(selection)
            }
        if output == .json { Console.result(try JSONText.of(report)) }
    }

    private func removeAll(_ selection: BackendSelection) throws(CommandFailure) -> RemoveReport {
        let survey = try selection.survey(instance.instance)
        let loaded = survey.loaded
        let store = FirewalldStore(firewalld.firewalldFile)
        // A file that can't be changed is told of before the rules are gone.
        let stored = storeFirewalld ? try store.removing(from: store.read()) : nil
        var report = RemoveReport(isDryRun: dryRun)
        let left = loaded.isEmpty ? try selection.unneededAliases(instance.instance) : []
        let isNothing = loaded.isEmpty && left.isEmpty && stored?.isDifferent != true
        let doubts = survey.unreadable.map {
            // Where nothing else is found, it would be said that there is nothing.
            Diagnostic.unreadableBackend(
                $0.name.rawValue, $0.reason, isNothing ? .error : .warning)
        }
        guard !isNothing || doubts.isEmpty else { throw CommandFailure(doubts) }
        Console.report(doubts)
        if isNothing { say("nothing to remove") }
        try removeRules(loaded, selection, &report)
        if loaded.isEmpty {
            try removeAddresses(left, selection, &report)
        } else if !dryRun {
            for alias in selection.releaseUnneededAliases(instance.instance) {
                say("removed \(alias)")
            }
        }
        if let stored, stored.isDifferent {
            try remove(stored, from: store)
            report.unstored = store.path
        } else if stored == nil, FirewalldConflicts().loads(store.path), store.isHoldingRules {
            Console.report([.stillStored(store.path)])
        }
        return report
    }

    /// For people, as it is done.
    private func say(_ text: String) {
        guard output == .text else { return }
        Console.result(ReportText(text))
    }

    /// A SIGINT or SIGTERM ends the process when all are out.
    private func removeRules(
        _ loaded: [BackendSelection.Loaded], _ selection: BackendSelection,
        _ report: inout RemoveReport
    ) throws(CommandFailure) {
        let signals = DeferredSignals()
        defer { signals.deliver() }
        let isSharedBeyond =
            loaded.contains { $0.installed.ownedAlias != nil }
            ? try selection.sharesAlias(beyond: instance.instance) : false
        var rest = loaded[...]
        while let one = rest.popFirst() {
            let isShared =
                isSharedBeyond || rest.contains { $0.installed.ownedAlias != nil }
            try remove(one, sharesAlias: isShared, selection)
            report.removed.append(RemoveReport.Entry(one.installed))
        }
        if !dryRun { selection.clearLeftovers(of: instance.instance, beside: loaded) }
    }

    /// Takes away what rules that are gone had left.
    private func removeAddresses(
        _ left: [LoopbackAlias], _ selection: BackendSelection, _ report: inout RemoveReport
    ) throws(CommandFailure) {
        guard !left.isEmpty else { return }
        let gone = dryRun ? left : try selection.release(left)
        for alias in gone {
            say("\(dryRun ? "would remove" : "removed") \(alias), left by rules that are gone")
        }
        report.addressesLeft = gone.map(\.description)
    }

    private func remove(
        _ one: BackendSelection.Loaded, sharesAlias: Bool, _ selection: BackendSelection
    ) throws(CommandFailure) {
        guard !dryRun else {
            return say("would remove \(RemoveSummary.words(one.installed))")
        }
        do throws(BackendError) {
            let outcome = try selection.backend(one.name).remove(
                instance.instance, sharesAlias: sharesAlias)
            say(RemoveSummary(outcome: outcome).text)
        } catch {
            let now = LoadedNow(
                selection.backend(one.name), instance.instance, before: one.installed, wanted: nil)
            throw CommandFailure(error.diagnostic.adding(now))
        }
    }

    private func remove(
        _ stored: FirewalldStore.Proposal, from store: FirewalldStore
    ) throws(CommandFailure) {
        guard !dryRun else {
            return say("would remove \(stored.change.removed) elements from \(store.path)")
        }
        let outcome: FirewalldStore.Outcome
        do {
            outcome = try store.remove()
        } catch {
            throw CommandFailure(error.diagnostics + [.removedButStored(store.path)])
        }
        say(FirewalldSummary.removed(outcome, from: store.path))
        try outcome.checkIsSettled()
    }

    private func removeKumactl(_ selection: BackendSelection) throws(CommandFailure) {
        do {
            let found = try selection.kumactlInstallations()
            guard !found.isEmpty else {
                Console.result("nothing of kumactl's to remove")
                return
            }
            for one in found {
                Console.result(one.lines.joined(separator: "\n"))
                if !dryRun { try one.remove() }
            }
            Console.note(dryRun ? "nothing was changed" : "removed")
        } catch {
            throw CommandFailure(error.diagnostic)
        }
    }
}
