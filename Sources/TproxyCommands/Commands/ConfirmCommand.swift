import ArgumentParser
import TproxyOperations

struct ConfirmCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confirm",
        abstract: "Keep the rules that 'apply --confirm' loaded.",
        discussion: """
            Without it, the former rules return at the deadline. Exits 1 when nothing waits for \
            confirmation or the deadline has passed.
            """)

    @Option(help: "The output format.")
    var output: OutputFormat = .text

    @OptionGroup var screen: ScreenOptions

    func run() throws {
        let report = ConfirmReport(try PendingDecision.confirm())
        switch output {
        case .text: Console.result("confirmed: the new rules stay (\(report.words))")
        case .json: try Console.document(report)
        }
    }
}
