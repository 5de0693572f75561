import ArgumentParser
import NftablesBackend
import RuleIR

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what is loaded, by which version, with counters.",
        discussion:
            "Exits 0 when it is as applied, 2 when it was changed by hand, 1 when not there.")

    @OptionGroup var instance: InstanceOptions

    @Option(help: "How to print it.")
    var output: OutputForm = .text

    func run() throws {
        let installed: InstalledRuleset?
        do {
            installed = try NftablesBackend(version: tproxyVersion, retry: RetryPolicy())
                .installed(instance.instance)
        } catch {
            throw CommandFailure(error.diagnostic)
        }
        guard let installed else { throw CommandFailure(.notInstalled(instance.instance)) }
        let report = StatusReport(installed)
        Console.result(try output == .json ? JSONText.of(report) : report.text)
        guard installed.isIntact else { throw ExitCode(2) }
    }
}
