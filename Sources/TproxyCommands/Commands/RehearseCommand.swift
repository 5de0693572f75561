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

    @Option(help: "How to print it.")
    var output: OutputForm = .text

    @OptionGroup var backend: BackendOptions
    @OptionGroup var instance: InstanceOptions
    @OptionGroup var facts: FactsOptions
    @OptionGroup var configuration: ConfigurationOptions

    func run() throws {
        let plan = try Plan(configuration, facts, instance, interface: .loopback)
        let setting = RehearsalSetting(plan)
        let rehearsal = Rehearsal(
            setting, paths: PathGenerator.paths(for: plan.ruleset, setting))
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
        let report = RehearsalReport(results, RuleTrace(plan.ruleset))
        switch output {
        case .text: Console.result(report.text)
        case .json: Console.result(try JSONText.of(report))
        }
        guard report.isAsExpected else { throw ExitCode.failure }
    }
}
