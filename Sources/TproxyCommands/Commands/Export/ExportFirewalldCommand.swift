import ArgumentParser
import RuleIR

struct ExportFirewalldCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "firewalld", abstract: "Store the rules in firewalld's direct.xml.",
        discussion: """
            Everything else in the file stays byte for byte, and --remove takes out exactly what was \
            stored. firewalld loads the file when it starts or reloads.
            """)

    @Option(
        help: ArgumentHelp(
            "The file; - prints it as it is where there is none yet.", valueName: "file"))
    var output = FirewalldStore.standardPath

    @Flag(help: "Take the rules out of the file; needs no configuration.")
    var remove = false

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var facts: FactsOptions
    @OptionGroup var configuration: ConfigurationOptions

    func run() throws {
        let store = FirewalldStore(output)
        guard !remove else {
            Console.result(FirewalldSummary.removed(try store.remove(), from: output))
            return
        }
        let plan = try Plan(configuration, facts, instance)
        guard output != "-" else {
            Console.result(try store.merging(plan.firewalldEmission(), into: nil).text)
            return
        }
        let emission = try plan.firewalldEmission(ownedAlias: store.ownedAlias())
        Console.result(FirewalldSummary.stored(try store.store(emission), emission, in: output))
        if let alias = plan.ruleset.loopbackAlias { Console.report([.aliasNotStored(alias)]) }
        Console.note("firewalld loads it with: firewall-cmd --reload")
    }
}
