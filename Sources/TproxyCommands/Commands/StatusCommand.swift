import ArgumentParser
import Diagnostics
import HostChange
import RuleIR

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what is loaded, by which version, with counters.",
        discussion:
            """
            Exits 0 when it is as applied, 2 when it was changed by hand or a move to another backend \
            was interrupted, 1 when not there.
            """)

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var programs: ProgramsOptions

    @Option(help: "How to print it.")
    var output: OutputForm = .text

    func run() throws {
        let selection = try programs.backends()
        let (loaded, standing) = try lookBetweenChanges(selection)
        guard let installed = loaded.first?.installed else {
            let left = try? selection.unneededAliases(instance.instance)
            Console.report((left ?? []).map { .addressLeft($0) })
            throw CommandFailure(.notInstalled(instance.instance))
        }
        var problems: [Diagnostic] = []
        if loaded.count > 1 { problems.append(.interruptedMove(loaded.map(\.name.rawValue))) }
        if let alias = installed.ownedAlias, let standing, standing != .lasting {
            problems.append(.addressNotKept(alias, standing))
        }
        Console.report(problems)
        let report = StatusReport(
            installed, standing, alsoLoaded: loaded.dropFirst().map(\.name))
        switch output {
        case .text: Console.page(report.text)
        case .json: Console.document(try JSONText.of(report))
        }
        guard installed.isIntact, problems.isEmpty else { throw ExitCode(2) }
    }

    private typealias Look = (
        loaded: [BackendSelection.Loaded], standing: LoopbackAlias.Standing?
    )

    /// What is loaded, in a moment when no tproxy changes it, if that can be had.
    ///
    /// Families of iptables, backends, and rules and their address are changed one after the other. Whoever
    /// looks in between sees something that is neither the old nor the new; so what isn't whole is looked at
    /// again.
    private func lookBetweenChanges(_ selection: BackendSelection) throws(CommandFailure) -> Look {
        let seen = try look(selection)
        let isWhole =
            seen.loaded.count < 2 && seen.loaded.allSatisfy(\.installed.isIntact)
            && (seen.standing ?? .lasting) == .lasting
        guard !isWhole else { return seen }
        do throws(CommandFailure) {
            return try selection.exclusively { () throws(CommandFailure) in try look(selection) }
        } catch {
            return try look(selection)
        }
    }

    private func look(_ selection: BackendSelection) throws(CommandFailure) -> Look {
        let loaded = try selection.loaded(instance.instance)
        return (loaded, try standing(of: loaded.first?.installed.ownedAlias))
    }

    private func standing(
        of alias: LoopbackAlias?
    ) throws(CommandFailure) -> LoopbackAlias.Standing? {
        do throws(BackendError) {
            return try alias?.standing()
        } catch {
            throw CommandFailure(error.diagnostic)
        }
    }
}
