import ArgumentParser
import Diagnostics
import IptablesBackend
import TproxyOperations

/// The command `remove`, which Kuma calls `uninstall transparent-proxy`.
struct RemoveCommand<Words: CommandMessages>: ParsableCommand {
    static var configuration: CommandConfiguration { Words.configuration }

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var programs: ProgramsOptions

    @Option(help: "The output format.")
    var output: OutputFormat = .text

    @Flag(help: "Print what would be removed and change nothing.")
    var dryRun = false

    @Flag(help: "Remove the rules that kumactl installed.")
    var kumactl = false

    @Flag(help: "Remove the rules stored for firewalld, too.")
    var storeFirewalld = false

    @OptionGroup var firewalld: FirewalldOptions

    // Other options of 'kumactl uninstall transparent-proxy'.
    @Flag(help: .hidden) var verbose = false
    @Flag(help: .hidden) var ebpfEnabled = false
    @Option(help: .hidden) var ebpfBpffsPath: String?

    func run() throws {
        guard !ebpfEnabled else { throw OperationFailure(.noEBPF(at: nil)) }
        let selection = try programs.backends()
        guard !kumactl else { return try removeKumactl(selection) }
        let reporter = RemoveReporter(output)
        let removal = Removal(
            of: instance.instance, selection, FirewalldStore(firewalld.firewalldFile),
            isUnstoring: storeFirewalld, isDryRun: dryRun, tell: reporter.tell)
        try reporter.finish(RemoveReport(removal.run(), isDryRun: dryRun))
    }

    private func removeKumactl(_ selection: BackendSelection) throws {
        let found = try selection.kumactlInstallations()
        guard !found.isEmpty else {
            Console.result("no kumactl rules to remove")
            return
        }
        for one in found {
            Console.result(one.lines.joined(separator: "\n"))
            if !dryRun { try selection.remove(one) }
        }
        Console.note(dryRun ? "nothing was changed" : "removed")
    }
}
