import ArgumentParser
import HostFacts

struct FactsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "facts", abstract: "Show the host facts that the rules depend on.",
        discussion: "--facts reads this output. Needs no root and changes nothing.")

    @Option(help: "The output format; both are JSON.")
    var output: OutputFormat = .json

    @OptionGroup var facts: FactsOptions
    @OptionGroup var configuration: ConfigurationOptions

    func run() throws {
        let config = try configuration.sources.load()
        Console.document(try JSONText.of(facts.load(for: config)))
    }
}

/// The form that `--facts` reads.
extension HostFacts: JSONReport {
    static let schema = "tproxy.facts/1"
}
