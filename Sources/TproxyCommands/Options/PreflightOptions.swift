import ArgumentParser
import TproxyOperations

/// Whether the host is looked at before rules are loaded, and what comes of it.
struct PreflightOptions: ParsableArguments {
    @Flag(help: "Refuse with exit code 1 if the preflight has warnings; notes don't count.")
    var strict = false

    @Flag(help: "Don't check this host for conflicts.")
    var noPreflight = false

    var policy: PreflightPolicy { PreflightPolicy(isLeftOut: noPreflight, isStrict: strict) }

    /// Prints what is in the way of the plan on this host; throws if that is to stop it.
    func check(_ plan: Plan, _ choice: BackendChoice) throws {
        try policy.check(plan, plan.backends.expectedName(of: choice)) { Console.report($0) }
    }
}
