import ArgumentParser
import HostFacts
import TproxyConfig
import TproxyOperations

/// The source of the host facts.
struct FactsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Take the facts from this file instead of this host.",
            discussion: "'tproxy facts' writes such a file.", valueName: "file"),
        completion: .file())
    var facts: String?

    /// Returns the facts of the file or of this host; prints what is uncertain.
    func load(for config: TproxyConfig) throws -> HostFacts {
        let reading = try FactsReading(facts, for: config)
        Console.report(reading.notices)
        return reading.facts
    }
}
