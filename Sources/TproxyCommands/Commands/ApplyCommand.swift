import TproxyConfig
import ArgumentParser
import NftablesBackend
import RuleIR

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
    @OptionGroup var instance: InstanceOptions
    @OptionGroup var facts: FactsOptions
    @OptionGroup var configuration: ConfigurationOptions

    func run() throws {
        try backend.check()
        let plan = try Plan(configuration, facts, instance)
        if plan.config.dryRun.value {
            Console.result(try plan.text())
            return
        }
        guard plan.refusals.isEmpty else { throw CommandFailure(plan.refusals) }
        if plan.config.verbose.value {
            Console.result(try plan.text() + "\n")
        }
        let backend = NftablesBackend(version: tproxyVersion, retry: plan.retryPolicy)
        do {
            let outcome = try backend.apply(plan.ruleset)
            Console.result(ApplySummary(outcome: outcome, ruleset: plan.ruleset).text)
        } catch {
            throw CommandFailure(error.diagnostic)
        }
    }
}
