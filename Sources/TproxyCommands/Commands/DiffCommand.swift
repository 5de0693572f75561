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
            comparison fails. --verbose adds the changes as the backend lists them, with all \
            elements of sets. Needs CAP_NET_ADMIN.
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

    @Option(
        help: ArgumentHelp(
            "Compare the plan of this configuration file with that of --to; needs no privilege.",
            discussion: "Flags and variables apply to both.", valueName: "file"))
    var from: String?

    @Option(help: ArgumentHelp("With --from, the second configuration file.", valueName: "file"))
    var to: String?

    @OptionGroup var screen: ScreenOptions

    @OptionGroup var options: PlanOptions

    func validate() throws {
        guard (from == nil) == (to == nil) else {
            throw ValidationError("--from and --to are given together")
        }
        if from != nil {
            guard format == .text else {
                throw ValidationError("--format nft-json is for the loaded rules, not for --from")
            }
            guard options.configuration.sources.paths.isEmpty else {
                throw ValidationError("--from and --to name the configurations; leave out --config")
            }
        }
        guard format == .nftJSON else { return }
        guard output == .text else { throw ValidationError("--output json is for --format text") }
        guard let other = options.backend.backend, other != .nft else { return }
        throw ValidationError("--format nft-json is for --backend nft")
    }

    func run() throws {
        if let from, let to { return try compare(from, to) }
        let plan = try options.plan()
        let choice = options.backend.choice(for: plan)
        let (comparison, notices) = try plan.compared(with: choice)
        Console.report(notices)
        func traffic() throws -> TrafficReport {
            TrafficReport(try plan.trafficChanges(since: comparison))
        }
        switch (format, output) {
        case (.nftJSON, _): Console.document(try plan.changeDocument())
        case (.text, .text):
            let text = DiffText(
                comparison, of: plan.ruleset, isVerbose: plan.config.verbose.value)
            var report = ReportText()
            report.add(text.heading)
            text.addChanges(to: &report)
            try traffic().add(to: &report)
            Console.page(report)
        case (.text, .json):
            try Console.document(DiffReport(comparison, of: plan.ruleset, traffic()))
        }
        guard comparison.isSame else { throw ExitStatus.differs.code }
    }

    /// Compares the plans of two files.
    private func compare(_ from: String, _ to: String) throws {
        func plan(of file: String) throws -> Plan {
            var sources = options.configuration.sources
            sources.config = [file]
            sources.backend = options.backend.backend
            return try Plan(sources, options.facts.facts, options.instance.instance)
        }
        let former = try plan(of: from)
        let new = try plan(of: to)
        let comparison = try PlanComparison(
            from: former, to: new, options.backend.choice(for: new))
        switch output {
        case .text:
            let isVerbose = new.config.verbose.value
            let text = PlanDiffText(
                comparison, names: (from, to),
                shownElements: isVerbose ? .max : DifferenceLines.fewElements)
            Console.page(text.report)
        case .json:
            try Console.document(DiffReport(comparison, names: (from, to)))
        }
        guard comparison.isSame else { throw ExitStatus.differs.code }
    }
}
