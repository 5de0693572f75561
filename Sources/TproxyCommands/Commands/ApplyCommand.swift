import ArgumentParser
import RuleIR
import TproxyConfig

struct ApplyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Load the rules, in place of what was loaded before.",
        discussion: "All or nothing. Applying what is loaded already changes nothing.")

    @OptionGroup var options: ApplyOptions

    func run() throws {
        try options.run()
    }
}

/// What `apply` and `install transparent-proxy` share.
struct ApplyOptions: ParsableArguments {
    @OptionGroup var backend: BackendOptions

    @Flag(help: "Move from another backend: the new rules go in, then the old ones out.")
    var replaceBackend = false

    @OptionGroup var firewalld: FirewalldOptions
    @Option(
        name: .customLong("plan"),
        help: ArgumentHelp(
            "Apply the plan of this file, and that alone.",
            discussion: """
                'tproxy plan --output-file' writes such a file. Refused when the host's facts or what \
                is loaded are no longer what they were then. The configuration is the file's: no flag, \
                variable or file beside it counts.
                """, valueName: "file"))
    var planFile: String?

    @OptionGroup var instance: InstanceOptions
    @OptionGroup(title: "Preflight") var preflight: PreflightOptions
    @OptionGroup var facts: FactsOptions
    @OptionGroup var configuration: ConfigurationOptions

    /// What can't be given beside a plan file, which says it itself.
    func validate() throws {
        guard planFile != nil else { return }
        let others =
            configuration.givenFlags + (backend.given == nil ? [] : ["--backend"])
            + (instance.instance == .mesh ? [] : ["--instance"])
            + (replaceBackend ? ["--replace-backend"] : [])
        guard others.isEmpty else {
            throw ValidationError(
                "--plan is a whole plan; leave out \(others.joined(separator: ", "))")
        }
    }

    func run() throws {
        if let planFile {
            try PlanFileApplication(PlanFile.read(planFile), name: planFile).run(facts, preflight)
            return
        }
        let plan = try Plan(configuration, facts, instance)
        if plan.config.dryRun.value {
            Console.page(try plan.text(for: backend).text)
            try preflight.check(
                plan, plan.backends.expectedName(of: backend.choice(for: plan.config)))
            return
        }
        let refusals = plan.refusals(for: backend)
        guard refusals.isEmpty else { throw CommandFailure(refusals) }
        if plan.config.verbose.value {
            var text = try plan.text(for: backend).text
            text.addBlankLine()
            Console.result(text)
        }
        let selection = plan.backends
        let store = plan.config.storeFirewalld.value ? FirewalldStore(firewalld.firewalldFile) : nil
        let choice = backend.choice(for: plan.config)
        let name =
            try store == nil
            ? selection.name(of: choice) : BackendSelection.nameForFirewalld(choice)
        // What can't be stored isn't loaded either.
        try store?.check(plan.firewalldEmission())
        let others = try selection.loaded(instance.instance, except: name)
        if let other = others.first, !replaceBackend {
            throw CommandFailure(
                .otherBackend(other.name.rawValue, wanted: name.rawValue))
        }
        try preflight.check(plan, name)
        let comparison = try Comparison(
            plan.ruleset, digest: plan.ruleset.digest(for: name), name, selection)
        try RulesLoading(plan.ruleset, name, selection).run(comparison)
        for other in others {
            try leave(other.name, for: name, plan, selection)
        }
        if let store { try self.store(plan, by: selection.backend(name), in: store) }
    }

    /// Stores the rules that are loaded now, with whose the loopback address is.
    private func store(
        _ plan: Plan, by backend: any Backend, in store: FirewalldStore
    ) throws(CommandFailure) {
        do {
            let alias = try ownedAlias(of: backend)
            let emission = try plan.firewalldEmission(ownedAlias: alias)
            let outcome = try store.store(emission)
            Console.result(FirewalldSummary.stored(outcome, emission, in: store.path))
            if let alias = plan.ruleset.loopbackAlias { Console.report([.aliasNotStored(alias)]) }
        } catch {
            throw CommandFailure(error.diagnostics + [.appliedButNotStored(store.path)])
        }
    }

    private func ownedAlias(of backend: any Backend) throws(CommandFailure) -> LoopbackAlias? {
        do {
            return try backend.installed(instance.instance)?.ownedAlias
        } catch {
            throw CommandFailure(error.diagnostic)
        }
    }

    /// Takes the old backend's rules out; the new ones are in, so nothing goes uncaptured.
    private func leave(
        _ old: BackendName, for new: BackendName, _ plan: Plan, _ selection: BackendSelection
    ) throws(CommandFailure) {
        let isGone: Bool
        do throws(BackendError) {
            let outcome = try selection.backend(old).remove(instance.instance)
            Console.result(RemoveSummary(outcome: outcome).text)
            isGone = try selection.backend(old).installed(instance.instance) == nil
            // The address went with the rules that had added it; the new ones add it for themselves.
            if case .removed(_, .some) = outcome {
                _ = try selection.backend(new).apply(plan.ruleset)
            }
        } catch {
            throw CommandFailure(error.diagnostic)
        }
        guard isGone else { throw CommandFailure(.stillLoaded(old.rawValue)) }
    }
}
