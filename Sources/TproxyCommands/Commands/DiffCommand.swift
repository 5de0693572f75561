import ArgumentParser
import Diagnostics
import RuleIR
import TproxyConfig
import TproxyOperations

struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Compare the plan with the loaded rules; changes nothing.",
        discussion: """
            + is planned and not loaded, - is loaded and not planned, ~ is changed, > is at \
            another position. Exits 0 when apply would change nothing, 2 when it would, 1 when the \
            comparison fails. --verbose lists all elements of sets. Needs CAP_NET_ADMIN.
            """)

    /// The output format.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case nftJSON = "nft-json"
    }

    @Option(
        help: ArgumentHelp(
            "The output format.",
            discussion: """
                text is human-readable; nft-json is the document that apply submits through \
                libnftables; its list of commands is empty if apply would change nothing.
                """))
    var format: Format = .text

    @Option(help: "With --format text, the output format.")
    var output: OutputFormat = .text

    @OptionGroup var screen: ScreenOptions

    @OptionGroup var options: PlanOptions

    func validate() throws {
        guard format == .nftJSON, let other = options.backend.backend, other != .nft else { return }
        throw ValidationError("--format nft-json is for --backend nft")
    }

    func run() throws {
        let plan = try options.plan()
        let choice = options.backend.choice(for: plan)
        let (comparison, notices) = try plan.compared(with: choice)
        Console.report(notices)
        switch (format, output) {
        case (.nftJSON, _): Console.document(try plan.changeDocument())
        case (.text, .text):
            let isVerbose = plan.config.verbose.value
            let text = DiffText(
                comparison, shownElements: isVerbose ? .max : DifferenceLines.fewElements)
            Console.page(text.report)
        case (.text, .json): try Console.document(DiffReport(comparison))
        }
        guard comparison.isSame else { throw ExitCode(2) }
    }
}
