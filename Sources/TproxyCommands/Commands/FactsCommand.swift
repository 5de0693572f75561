import ArgumentParser
import HostFacts
import Review

struct FactsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "facts", abstract: "Show the host facts that the rules depend on.",
        discussion: "--facts reads the JSON form. Needs no root and changes nothing.")

    @Option(help: "The output format.")
    var output: OutputFormat = .json

    @OptionGroup var screen: ScreenOptions

    @OptionGroup var facts: FactsOptions
    @OptionGroup var configuration: ConfigurationOptions

    func run() throws {
        let config = try configuration.sources.load()
        let found = try facts.load(for: config)
        switch output {
        case .text: Console.result(found.text)
        case .json: try Console.document(found)
        }
    }
}

/// The form that `--facts` reads.
extension HostFacts: JSONReport {
    static let schema = "tproxy.facts/1"
}

extension HostFacts {
    fileprivate var text: ReportText {
        var report = ReportText()
        report.add(
            TextTable(
                header: ["FACT", "VALUE", "MEANING"],
                rows: reviewRows.map { [$0.name, $0.value, $0.origin] }))
        return report
    }
}
