import ArgumentParser
import HostFacts
import RuleTrace
import TproxyConfig

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Say what happens to a packet, and why.",
        discussion: "Needs no root and changes nothing.")

    @OptionGroup(title: "The packet") var packet: PacketOptions
    @OptionGroup(title: "The question") var question: QuestionOptions

    @Option(help: "How to print it.")
    var output: OutputForm = .text

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var facts: FactsOptions
    @OptionGroup var configuration: ConfigurationOptions

    func validate() throws {
        try question.check(isPacketGiven: packet.isGiven, hasDestination: packet.to != nil)
    }

    func run() throws {
        let plan = try Plan(configuration, facts, instance)
        let trace = RuleTrace(plan.ruleset)
        let answers = ExplainAnswers(
            trace: trace, words: TraceWords(trace.rules, config: plan.config), source: .plan,
            proxy: ProxySetting(plan), output: output)
        if let why = question.why {
            try answers.why(why, packet)
        } else if let file = question.packets {
            try answers.packets(of: InputFile(file))
        } else if question.flow {
            try answers.flow(of: packet, withPath: question.path)
        } else {
            try answers.packet(packet, withPath: question.path)
        }
    }
}

extension ProxySetting {
    /// What flows need of a plan.
    init(_ plan: Plan) {
        let redirect = plan.config.redirect
        self.init(
            user: plan.proxyUser, outboundPort: redirect.outbound.port.value,
            inboundPort: redirect.inbound.port.value, dnsPort: redirect.dns.port.value,
            resolvers: plan.facts.resolvers, addresses: LocalAddresses(plan.facts))
    }
}

extension LocalAddresses {
    init(_ facts: HostFacts) {
        self.init(
            loopback: facts.loopback,
            entries: facts.addresses?.map { Entry(interface: $0.interface, address: $0.address) })
    }
}
