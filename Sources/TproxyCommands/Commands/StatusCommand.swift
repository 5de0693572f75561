import ArgumentParser
import Diagnostics
import TproxyOperations

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the loaded rules, their version and counters.",
        discussion:
            """
            Exits 0 when the rules are intact, 2 when they were changed by hand or a move to another \
            backend was interrupted, 1 when no rules are loaded.
            """)

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var programs: ProgramsOptions

    @Option(help: "The output format.")
    var output: OutputFormat = .text

    func run() throws {
        let status = try Status(of: instance.instance, programs.backends())
        Console.report(status.doubts)
        let installed = try status.installed()
        Console.report(status.problems)
        let report = StatusReport(
            installed, status.standings, alsoLoaded: status.loaded.dropFirst().map(\.name))
        switch output {
        case .text: Console.page(report.text)
        case .json: Console.document(try JSONText.of(report))
        }
        guard status.isAsApplied else { throw ExitCode(2) }
    }
}
