import ArgumentParser
import Diagnostics
import RuleIR
import TproxyConfig
import TproxyOperations

/// The arguments of `apply`.
struct ApplyRequest: PlainRequest {
    var backend: BackendChoice?
    var submission: Submission?
    var replacesBackend: Bool
    var planFile: String?
    var assertions: String?
    var confirm: Duration?
    var output: OutputFormat
    var firewalldFile: String
    var instance: InstanceName
    var preflight: PreflightPolicy
    var facts: String?
    var configuration: ConfigurationSources
    /// Whether the output is for scripts that call kumactl.
    var isKumactls = false

    /// The request under kumactl's name.
    var asKumactls: ApplyRequest {
        var request = self
        request.isKumactls = true
        request.configuration.printsScript = output == .text
        return request
    }

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
        let reporter = ApplyReporter(
            output, isOneLine: isKumactls && output == .text && Console.isInContainer)
        if let planFile {
            let application = try PlanFileApplication(
                planFile, submission: submission, tell: reporter.tell)
            if let assertions { try application.require(assertions) }
            let applied = try application.run(facts: facts, preflight, confirm: confirm)
            try reporter.finish(applied)
            if !reporter.isOneLine { reportCompletion() }
            return try askForConfirmation(of: applied)
        }
        if isKumactls, output == .text, configuration.givesDryRun { Console.commentDiagnostics() }
        var configuration = configuration
        configuration.backend = backend
        var plan = try Plan(configuration, facts, instance, reportsWarnings: false)
        plan.submission = submission
        if let assertions { try AssertionCheck.require(assertions, of: plan) }
        let choice = BackendChoice(backend, for: plan.config)
        report(&plan)
        guard !plan.config.dryRun.value else { return try runDry(plan, choice) }
        Console.report(plan.warnings)
        let refusals = plan.refusals(for: choice)
        guard refusals.isEmpty else { throw OperationFailure(refusals) }
        if plan.config.verbose.value, output == .text {
            var text = try fullText(plan, choice)
            text.addBlankLine()
            Console.result(text)
        }
        let store = plan.config.storeFirewalld.value ? FirewalldStore(firewalldFile) : nil
        let application = try PlanApplication(plan, choice, store, tell: reporter.tell)
        let applied = try application.run(
            preflight, replacesBackend: replacesBackend, confirm: confirm)
        try reporter.finish(applied)
        if !reporter.isOneLine { reportCompletion() }
        try askForConfirmation(of: applied)
    }

    /// Waits for the confirmation, if a terminal is there to ask on.
    private func askForConfirmation(of applied: AppliedPlan) throws {
        guard let pending = applied.pending, output == .text, ConfirmationPrompt.isPossible
        else { return }
        try ConfirmationPrompt(pending: pending).run()
    }

    /// Warns of options that change nothing beside the configuration.
    private func report(_ plan: inout Plan) {
        guard firewalldFile != FirewalldStore.standardPath, !plan.config.storeFirewalld.value
        else { return }
        let warning = Diagnostic.withoutEffect(
            "--firewalld-file", because: "the rules aren't stored for firewalld",
            help: "add --store-firewalld, or leave it out")
        Console.report([warning])
        plan.warnings.append(warning)
    }

    /// Prints what would be loaded: the plan, or as kumactl does a script.
    private func runDry(_ plan: Plan, _ choice: BackendChoice) throws {
        guard isKumactls, output == .text else { return try print(plan, choice) }
        Console.report(plan.warnings)
        let refusals = plan.refusals(for: choice)
        guard refusals.isEmpty else { throw OperationFailure(refusals) }
        let script = try LoadingScript(plan, choice)
        try check(plan, choice)
        if plan.config.verbose.value {
            let lines = try fullText(plan, choice).lines(on: .file)
            Console.document(Console.commented(lines.joined(separator: "\n")))
        }
        if plan.config.storeFirewalld.value {
            Console.result(
                Console.commented(
                    "the rules would also be stored in \(firewalldFile);"
                        + " 'tproxy plan --format firewalld' prints the file"))
        }
        Console.document(script.text)
        reportCompletion()
    }

    private func print(_ plan: Plan, _ choice: BackendChoice) throws {
        // A plan that warnings refuse isn't printed.
        if preflight.isStrict {
            Console.report(plan.warnings)
            try check(plan, choice)
        }
        switch output {
        case .text:
            try PlanPrinting(plan, choice, isForThisHost: facts == nil, isFull: false)
                .print { if !preflight.isStrict { try check(plan, choice) } }
        case .json:
            let (state, notices) = plan.state(choice, isForThisHost: facts == nil)
            Console.report(plan.warnings + notices)
            try Console.document(PlanReport(plan, choice, state))
            if !preflight.isStrict { try check(plan, choice) }
        }
    }

    private func check(_ plan: Plan, _ choice: BackendChoice) throws {
        try preflight.check(plan, plan.backends.expectedName(of: choice)) { Console.report($0) }
    }

    /// The plan in words, and every rule.
    private func fullText(_ plan: Plan, _ choice: BackendChoice) throws -> ReportText {
        let state = plan.state(choice, isForThisHost: facts == nil).state
        let printed = try PlanText(plan, choice, state)
        var text = printed.head
        text.add(printed.rules)
        return text
    }

    /// Prints the last line, for which scripts that call kumactl test.
    private func reportCompletion() {
        guard isKumactls, output == .text else { return }
        Console.result(ApplyReporter.completion)
    }
}

extension ApplyRequest {
    static let plainOptions: [(name: String, kind: PlainWords.Kind)] =
        [
            ("--backend", .value), ("--submit", .value), ("--replace-backend", .flag),
            ("--plan", .value), ("--assert", .value), ("--confirm", .value), ("--output", .value),
            ("--firewalld-file", .value),
            ("--instance", .value), ("--strict", .flag), ("--no-preflight", .flag),
            ("--facts", .value),
        ] + PlainWords.screenOptions + ConfigurationSources.plainOptions

    init?(_ words: PlainWords) {
        guard
            let backend = words.value(
                of: "--backend", nil, { BackendChoice($0).map(Optional.some) }),
            let submission = words.value(
                of: "--submit", nil, { Submission(rawValue: $0).map(Optional.some) }),
            let confirm = words.value(
                of: "--confirm", nil, { ConfirmationTime(argument: $0).map(Optional.some) }),
            let output = words.output, let instance = words.instance,
            words.areScreenOptionsValid
        else { return nil }
        self.backend = backend
        self.submission = submission
        self.output = output
        self.instance = instance
        replacesBackend = words.has("--replace-backend")
        planFile = words.value(of: "--plan")
        assertions = words.value(of: "--assert")
        self.confirm = confirm?.duration
        firewalldFile = words.firewalldFile
        preflight = PreflightPolicy(
            isLeftOut: words.has("--no-preflight"), isStrict: words.has("--strict"))
        facts = words.value(of: "--facts")
        configuration = ConfigurationSources(words)
    }
}
