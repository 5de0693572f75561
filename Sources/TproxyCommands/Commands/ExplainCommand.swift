import ArgumentParser
import TproxyOperations

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
        let subject =
            question.ruleset.isEmpty
            ? ExplainSubject(try Plan(configuration, facts, instance))
            : try ExplainSubject(files: question.ruleset, configuration, facts)
        let answers = ExplainAnswers(subject: subject, output: output)
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
