import ArgumentParser
import Diagnostics
import Preflight
import TproxyOperations

struct PreflightCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preflight",
        abstract: "Check this host for conflicts.",
        discussion: """
            Changes nothing; run as root to check everything. Exits 0 without warnings, also about \
            the configuration, and 2 otherwise.
            """)

    @Option(help: "The output format.")
    var output: OutputFormat = .text

    @Flag(help: "Exit with 1 instead if there is any warning; notes don't count.")
    var strict = false

    @OptionGroup var screen: ScreenOptions

    @Flag(help: .hidden) var reference = false

    @OptionGroup var options: PlanOptions

    func run() throws {
        guard !reference else { return Console.document(PreflightReference.text) }
        let plan = try options.plan()
        let result = PreflightResult(
            plan, plan.backends.expectedName(of: options.backend.choice(for: plan)))
        let report = PreflightReport(result)
        switch output {
        case .text:
            Console.page(report.text)
            Console.report(result.doubts)
        case .json:
            try Console.document(report)
            Console.report(result.doubts)
        }
        let reported = plan.warnings + result.diagnostics
        try PreflightPolicy(isLeftOut: false, isStrict: strict).refuseWarnings(among: reported)
        guard reported.allSatisfy({ $0.severity != .warning }) else {
            throw ExitStatus.differs.code
        }
    }
}
