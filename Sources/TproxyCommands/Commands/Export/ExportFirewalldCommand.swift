import ArgumentParser
import RuleIR
import TproxyOperations

struct ExportFirewalldCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "firewalld", abstract: "Store the rules in firewalld's direct.xml.",
        discussion: """
            Everything else in the file stays byte for byte, and --remove removes exactly the stored \
            elements. firewalld loads the file when it starts or reloads.
            """)

    @Option(
        help: ArgumentHelp(
            "The file; - prints the result for a file that doesn't exist yet.", valueName: "file"),
        completion: .file())
    var output = FirewalldStore.standardPath

    @Flag(help: "Remove the rules from the file; needs no configuration.")
    var remove = false

    @Flag(
        help: """
            Reload firewalld and verify the loaded rules; restore the old file if that fails.
            """)
    var reload = false

    @OptionGroup var screen: ScreenOptions
    @OptionGroup var instance: InstanceOptions
    @OptionGroup var facts: FactsOptions
    @OptionGroup var configuration: ConfigurationOptions

    func validate() throws {
        guard !reload || output == FirewalldStore.standardPath else {
            throw ValidationError(
                "firewalld doesn't read '\(output)'; give --reload without --output")
        }
    }

    func run() throws {
        let store = FirewalldStore(output)
        guard !remove else { return try remove(from: store) }
        let plan = try Plan(configuration, facts, instance)
        guard output != "-" else {
            Console.document(try store.merging(plan.firewalldEmission(), into: nil).text)
            return
        }
        Console.report(try FirewalldConflicts().check(plan, storedIn: output))
        if reload {
            let (outcome, emission) = try FirewalldLoading(store, plan.backends.retry).load(plan)
            Console.result(FirewalldSummary.stored(outcome, emission, in: output))
            Console.result("firewalld has loaded them")
            try outcome.checkIsSettled()
        } else {
            let emission = try plan.firewalldEmission(owning: store.ownedPrerequisites())
            try store.check(emission)
            let outcome = try store.store(emission)
            Console.result(FirewalldSummary.stored(outcome, emission, in: output))
            Console.note("firewalld loads it with: firewall-cmd --reload")
            try outcome.checkIsSettled()
        }
        Console.report(plan.notStored)
    }

    private func remove(from store: FirewalldStore) throws {
        guard reload else {
            let outcome = try store.remove()
            Console.result(FirewalldSummary.removed(outcome, from: output))
            if outcome.removed > 0 {
                Console.note("firewalld unloads them with: firewall-cmd --reload")
            }
            return try outcome.checkIsSettled()
        }
        let outcome = try FirewalldLoading(store, RetryPolicy()).unload()
        Console.result(FirewalldSummary.removed(outcome, from: output))
        Console.result("firewalld has loaded the rest")
        try outcome.checkIsSettled()
    }
}
