import HostFacts
import ArgumentParser
import RuleTrace

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Say what happens to one packet, and why.",
        discussion: "Needs no root and changes nothing.")

    @OptionGroup(title: "The packet") var packet: PacketOptions

    @Option(help: "How to print it.")
    var output: OutputForm = .text

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var facts: FactsOptions
    @OptionGroup var configuration: ConfigurationOptions

    func run() throws {
        let plan = try Plan(configuration, facts, instance)
        let packet = try packet.packet(loopback: plan.facts.loopback)
        let report = ExplainReport(
            RuleTrace(plan.ruleset).explain(packet), ruleset: plan.ruleset, config: plan.config)
        switch output {
        case .text: Console.page(ReportText(report.text))
        case .json: Console.result(try JSONText.of(report))
        }
    }
}
