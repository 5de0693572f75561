import ArgumentParser
import Diagnostics
import RuleIR
import TproxyConfig
import TproxyOperations

struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Compare the plan with what is loaded; changes nothing.",
        discussion: """
            + is planned and not loaded, - is loaded and not planned, ~ is changed, > stands at \
            another place. Exits 0 when apply would change nothing, 2 when it would, 1 when that \
            can't be told. --verbose lists all elements of sets. Needs CAP_NET_ADMIN.
            """)

    @Option(help: "How to print it.")
    var output: OutputForm = .text

    @OptionGroup var backend: BackendOptions
    @OptionGroup var instance: InstanceOptions
    @OptionGroup var facts: FactsOptions
    @OptionGroup var configuration: ConfigurationOptions

    func run() throws {
        let plan = try Plan(configuration, facts, instance)
        let (comparison, notices) = try plan.compared(with: backend.choice(for: plan))
        Console.report(notices)
        switch output {
        case .text:
            let isVerbose = plan.config.verbose.value
            let text = DiffText(
                comparison, shownElements: isVerbose ? .max : DifferenceLines.fewElements)
            Console.page(text.report)
        case .json: Console.document(try JSONText.of(DiffReport(comparison)))
        }
        guard comparison.isSame else { throw ExitCode(2) }
    }
}
