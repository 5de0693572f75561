import ArgumentParser
import TproxyOperations

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explain what happens to a packet and which rule decides it.",
        discussion: "Needs no root and changes nothing.")

    @OptionGroup(title: "The packet") var packet: PacketOptions
    @OptionGroup(title: "The question") var question: QuestionOptions

    @Option(help: "How to print it.")
    var output: OutputFormat = .text

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var facts: FactsOptions
    @OptionGroup var configuration: ConfigurationOptions

    func validate() throws {
        try question.check(isPacketGiven: packet.isGiven, hasDestination: packet.to != nil)
    }

    func run() throws {
        let answers = ExplainAnswers(try subject(), output)
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

    private func subject() throws -> ExplainSubject {
        guard !question.ruleset.isEmpty else {
            return ExplainSubject(try Plan(configuration, facts, instance))
        }
        let config = try configuration.sources.load()
        let given = try facts.facts.map { _ in try facts.load(for: config) }
        let subject = try ExplainSubject(files: question.ruleset, config, given)
        Console.report(subject.notices)
        return subject
    }
}
