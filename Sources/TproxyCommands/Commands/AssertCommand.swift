import ArgumentParser
import Diagnostics
import RuleIR
import TproxyOperations

struct AssertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assert",
        abstract: "Prove assertions about all packets of a pattern; changes nothing.",
        discussion: """
            The file has one assertion a line, such as 'incoming tcp to port 22: not redirected'; \
            # begins a comment. Exits 0 if all are proved, 2 if one isn't. Needs no root, except \
            with --loaded.
            """)

    @Argument(
        help: ArgumentHelp("The file of assertions; - is standard input.", valueName: "file"))
    var file: String

    @Option(
        name: .customLong("plan"),
        help: ArgumentHelp(
            "Prove them for the plan in this file, which 'tproxy plan --output-file' wrote.",
            valueName: "file"))
    var planFile: String?

    @Flag(help: "Prove them for the rules that are loaded; needs CAP_NET_ADMIN.")
    var loaded = false

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Prove them for all rules of this file, also those of other programs.",
            discussion: "As for explain. Repeat it for the second family.", valueName: "file"))
    var ruleset: [String] = []

    @Option(help: ArgumentHelp("Also write the result as JUnit XML.", valueName: "file"))
    var junit: String?

    @Option(help: "The output format.")
    var output: OutputFormat = .text

    @OptionGroup var options: PlanOptions

    func validate() throws {
        let subjects = [planFile != nil, loaded, !ruleset.isEmpty]
        guard subjects.count(where: { $0 }) < 2 else {
            throw ValidationError("give one of --plan, --loaded and --ruleset")
        }
        let ofLoaded =
            (options.backend.backend == nil ? [] : ["--backend"])
            + (options.instance.instance == .mesh ? [] : ["--instance"])
        guard loaded || ofLoaded.isEmpty else {
            throw ValidationError("\(ofLoaded.joined(separator: ", ")) is for --loaded")
        }
        guard planFile != nil else { return }
        let others =
            options.configuration.sources.givenFlags
            + (options.facts.facts == nil ? [] : ["--facts"])
        guard others.isEmpty else {
            throw ValidationError(
                "--plan is a complete plan; leave out \(others.joined(separator: ", "))")
        }
    }

    func run() throws {
        let subject = try subject()
        let assertions = try Assertion.read(InputFile(file))
        Console.report(subject.notices)
        let check = try AssertionCheck(assertions, of: subject)
        let report = AssertReport(check, of: subject)
        if let junit { try report.junit.write(to: junit) }
        switch output {
        case .text: Console.page(report.text)
        case .json: Console.document(try JSONText.of(report))
        }
        guard check.isProved else { throw ExitStatus.differs.code }
    }

    private func subject() throws -> AssertionSubject {
        if let planFile { return try AssertionSubject(planFile: planFile) }
        if !ruleset.isEmpty {
            let config = try options.configuration.sources.load()
            let facts = try options.facts.facts.map { _ in
                try options.facts.load(for: config)
            }
            return AssertionSubject(
                try ExplainSubject(files: ruleset, config, facts), paths: ruleset)
        }
        let plan = try options.plan()
        guard loaded else { return AssertionSubject(plan) }
        return try AssertionSubject(loadedFor: plan, options.backend.choice(for: plan))
    }
}
