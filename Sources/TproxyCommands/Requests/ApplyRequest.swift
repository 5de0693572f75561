import ArgumentParser
import RuleIR
import TproxyConfig
import TproxyOperations

/// The arguments of `apply`.
struct ApplyRequest: PlainRequest {
    var backend: BackendChoice?
    var submission: Submission?
    var replacesBackend: Bool
    var planFile: String?
    var output: OutputFormat
    var firewalldFile: String
    var instance: InstanceName
    var preflight: PreflightPolicy
    var facts: String?
    var configuration: ConfigurationSources

    /// Throws for options that conflict with `--submit` or with a plan file.
    func validate() throws {
        if submission != nil, let backend, backend != .nft {
            throw ValidationError("--submit is for --backend nft")
        }
        guard planFile != nil else { return }
        let others =
            configuration.givenFlags + (backend == nil ? [] : ["--backend"])
            + (instance == .mesh ? [] : ["--instance"])
            + (replacesBackend ? ["--replace-backend"] : [])
        guard others.isEmpty else {
            throw ValidationError(
                "--plan is a complete plan; leave out \(others.joined(separator: ", "))")
        }
    }

    func run() throws {
        let reporter = ApplyReporter(output)
        if let planFile {
            let application = try PlanFileApplication(
                planFile, submission: submission, tell: reporter.tell)
            try reporter.finish(application.run(facts: facts, preflight))
            return
        }
        var plan = try Plan(configuration, facts, instance)
        plan.submission = submission
        let choice = BackendChoice(backend, for: plan.config)
        if plan.config.dryRun.value {
            switch output {
            case .text: Console.page(try PlanText(plan, choice).text)
            case .json: try Console.document(PlanReport(plan, choice))
            }
            try preflight.check(plan, plan.backends.expectedName(of: choice)) { Console.report($0) }
            return
        }
        let refusals = plan.refusals(for: choice)
        guard refusals.isEmpty else { throw OperationFailure(refusals) }
        if plan.config.verbose.value, output == .text {
            var text = try PlanText(plan, choice).text
            text.addBlankLine()
            Console.result(text)
        }
        let store = plan.config.storeFirewalld.value ? FirewalldStore(firewalldFile) : nil
        let application = try PlanApplication(plan, choice, store, tell: reporter.tell)
        try reporter.finish(application.run(preflight, replacesBackend: replacesBackend))
    }
}

extension ApplyRequest {
    static let plainOptions: [(name: String, kind: PlainWords.Kind)] =
        [
            ("--backend", .value), ("--submit", .value), ("--replace-backend", .flag),
            ("--plan", .value), ("--output", .value), ("--firewalld-file", .value),
            ("--instance", .value), ("--strict", .flag), ("--no-preflight", .flag),
            ("--facts", .value),
        ] + PlainWords.screenOptions + ConfigurationSources.plainOptions

    init?(_ words: PlainWords) {
        guard
            let backend = words.value(
                of: "--backend", nil, { BackendChoice($0).map(Optional.some) }),
            let submission = words.value(
                of: "--submit", nil, { Submission(rawValue: $0).map(Optional.some) }),
            let output = words.output, let instance = words.instance,
            words.areScreenOptionsValid
        else { return nil }
        self.backend = backend
        self.submission = submission
        self.output = output
        self.instance = instance
        replacesBackend = words.has("--replace-backend")
        planFile = words.value(of: "--plan")
        firewalldFile = words.firewalldFile
        preflight = PreflightPolicy(
            isLeftOut: words.has("--no-preflight"), isStrict: words.has("--strict"))
        facts = words.value(of: "--facts")
        configuration = ConfigurationSources(words)
    }
}
