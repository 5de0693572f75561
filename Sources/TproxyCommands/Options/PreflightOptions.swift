import ArgumentParser
import TproxyOperations

/// Whether the preflight runs before rules are loaded, and whether warnings refuse them.
struct PreflightOptions: ParsableArguments {
    @Flag(help: "Refuse with exit code 1 if there is any warning; notes don't count.")
    var strict = false

    @Flag(help: "Don't check this host for conflicts.")
    var noPreflight = false

    var policy: PreflightPolicy { PreflightPolicy(isLeftOut: noPreflight, isStrict: strict) }

    /// Prints the findings for the plan on this host; throws if they refuse it.
    func check(_ plan: Plan, _ choice: BackendChoice) throws {
        try policy.check(plan, plan.backends.expectedName(of: choice)) { Console.report($0) }
    }
}
