import ArgumentParser
import Diagnostics
import TproxyOperations

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
        let status = try Status(of: instance.instance, programs.backends())
        Console.report(status.doubts)
        let installed = try status.installed()
        Console.report(status.problems)
        let report = StatusReport(
            installed, status.standing, alsoLoaded: status.loaded.dropFirst().map(\.name))
        switch output {
        case .text: Console.page(report.text)
        case .json: Console.document(try JSONText.of(report))
        }
        guard status.isAsApplied else { throw ExitCode(2) }
    }
}
