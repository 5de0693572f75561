import ArgumentParser
import RuleIR
import TproxyConfig
import TproxyOperations

/// The command `apply`, which Kuma calls `install transparent-proxy`.
///
/// It is generic, instead of two commands with a shared option group: in debug builds
/// ArgumentParser validates a group again for each group that contains it, which every run would
/// pay for.
struct ApplyCommand<Words: CommandMessages>: ParsableCommand {
    static var configuration: CommandConfiguration { Words.configuration }

    @OptionGroup var backend: BackendOptions

    @Option(
        help: ArgumentHelp(
            "How the nft backend submits the rules (default: automatic).",
            discussion: """
                Automatic: libnftables, if every other table of the namespace is tproxy's, or one of \
                iptables-nft's without sets, and no set has 2,000 elements or more; netlink \
                otherwise, and if libnftables fails.
                """))
    var submit: Submission?

    @Flag(help: "Move from another backend: load the new rules, then remove the old ones.")
    var replaceBackend = false

    @Option(
        name: .customLong("plan"),
        help: ArgumentHelp(
            "Apply the plan of this file and nothing else.",
            discussion: """
                'tproxy plan --output-file' writes such a file. Refused if the host facts or the loaded \
                rules have changed since then. The file contains the configuration: flags, variables \
                and configuration files are not read.
                """, valueName: "file"))
    var planFile: String?

    @Option(help: "The output format.")
    var output: OutputFormat = .text

    @OptionGroup var firewalld: FirewalldOptions
    @OptionGroup var instance: InstanceOptions
    @OptionGroup(title: "Preflight") var preflight: PreflightOptions
    @OptionGroup var facts: FactsOptions
    @OptionGroup var configuration: ConfigurationOptions

    /// Rejects options that contradict a plan file.
    func validate() throws {
        if submit != nil, let backend = backend.backend, backend != .nft {
            throw ValidationError("--submit is for --backend nft")
        }
        guard planFile != nil else { return }
        let others =
            configuration.givenFlags + (backend.backend == nil ? [] : ["--backend"])
            + (instance.instance == .mesh ? [] : ["--instance"])
            + (replaceBackend ? ["--replace-backend"] : [])
        guard others.isEmpty else {
            throw ValidationError(
                "--plan is a complete plan; leave out \(others.joined(separator: ", "))")
        }
    }

    func run() throws {
        let reporter = ApplyReporter(output)
        if let planFile {
            let application = try PlanFileApplication(
                planFile, submission: submit, tell: reporter.tell)
            try reporter.finish(application.run(facts: facts.facts, preflight.policy))
            return
        }
        var plan = try Plan(configuration, facts, instance)
        plan.submission = submit
        let choice = backend.choice(for: plan)
        if plan.config.dryRun.value {
            Console.page(try PlanText(plan, choice).text)
            try preflight.check(plan, choice)
            return
        }
        let refusals = plan.refusals(for: choice)
        guard refusals.isEmpty else { throw OperationFailure(refusals) }
        if plan.config.verbose.value, output == .text {
            var text = try PlanText(plan, choice).text
            text.addBlankLine()
            Console.result(text)
        }
        let store = plan.config.storeFirewalld.value ? FirewalldStore(firewalld.firewalldFile) : nil
        let application = try PlanApplication(plan, choice, store, tell: reporter.tell)
        try reporter.finish(
            application.run(preflight.policy, replacesBackend: replaceBackend))
    }
}
