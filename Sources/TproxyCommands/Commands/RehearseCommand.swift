import Addressing
import ArgumentParser
import Diagnostics
import HostFacts
import Rehearsal
import RuleIR
import RuleTrace

struct RehearseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Apply in throwaway namespaces, send real packets, compare with explain.",
        discussion: """
            Needs root. Nothing of it touches this host's network, and nothing is left when it \
            ends, however it ends. Exits 1 if a packet lands where explain says it won't.
            """)

    @Option(
        help: ArgumentHelp(
            "Send this many packets by chance instead; only those that land wrong are printed.",
            valueName: "count"))
    var random: Int?

    @Option(help: "The number that the random packets come from, to have the same again.")
    var seed: UInt64?

    @Option(help: "How to print it.")
    var output: OutputForm = .text

    @OptionGroup var backend: BackendOptions
    @OptionGroup var instance: InstanceOptions
    @OptionGroup var facts: FactsOptions
    @OptionGroup var configuration: ConfigurationOptions

    func validate() throws {
        guard random.map({ (1...100_000).contains($0) }) ?? true else {
            throw ValidationError("--random takes a number of 1...100000.")
        }
        guard seed == nil || random != nil else {
            throw ValidationError("--seed is for --random.")
        }
    }

    func run() throws {
        let plan = try Plan(configuration, facts, instance, interface: .loopback)
        let setting = RehearsalSetting(plan)
        let sample = RandomSample(count: random, seed: seed)
        let rehearsal = Rehearsal(setting, paths: sample.paths(for: plan.ruleset, setting))
        let results: [RehearsalResult]
        do {
            results = try rehearsal.run {
                let selection = plan.backends
                let name = try selection.name(of: backend.choice(for: plan.config))
                if plan.facts.hasDockerDNSChain { try selection.standInForDocker(name) }
                _ = try selection.backend(name).apply(plan.ruleset)
            }
        } catch let error as BackendError {
            throw CommandFailure(error.diagnostic)
        } catch let error as RehearsalError {
            throw CommandFailure(error.diagnostic)
        }
        let report = RehearsalReport(results, RuleTrace(plan.ruleset), seed: sample.seed)
        switch output {
        case .text: Console.result(report.text)
        case .json: Console.document(try JSONText.of(report))
        }
        guard report.isAsExpected else { throw ExitCode.failure }
    }
}
