import ArgumentParser
import Diagnostics
import RuleIR

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what is loaded, by which version, with counters.",
        discussion:
            "Exits 0 when it is as applied, 2 when it was changed by hand, 1 when not there.")

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var programs: ProgramsOptions

    @Option(help: "How to print it.")
    var output: OutputForm = .text

    func run() throws {
        let loaded = try programs.backends().loadedBetweenChanges(instance.instance)
        guard let installed = loaded.first?.installed else {
            throw CommandFailure(.notInstalled(instance.instance))
        }
        if loaded.count > 1 {
            Console.report(loaded.dropFirst().map { .alsoLoaded($0.name.rawValue) })
        }
        let report = StatusReport(installed)
        switch output {
        case .text: Console.page(report.text)
        case .json: Console.document(try JSONText.of(report))
        }
        guard installed.isIntact else { throw ExitCode(2) }
    }
}
