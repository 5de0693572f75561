import NftablesBackend
import ArgumentParser

struct PlanCommand: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case nft
        case nftJSON = "nft-json"
    }

    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show what apply would do; needs no root, changes nothing.")

    @Option(
        help: ArgumentHelp(
            "What to print.",
            discussion: """
                text is for people; nft is for 'nft -f'; nft-json is what apply submits to \
                libnftables.
                """))
    var format: Format = .text

    @OptionGroup var backend: BackendOptions
    @OptionGroup var instance: InstanceOptions
    @OptionGroup var facts: FactsOptions
    @OptionGroup var configuration: ConfigurationOptions

    func run() throws {
        try backend.check()
        try print(Plan(configuration, facts, instance))
    }

    private func print(_ plan: Plan) throws {
        switch format {
        case .text: Console.result(try plan.text())
        case .nft: Console.result(try plan.emission().text)
        case .nftJSON: Console.result(try plan.emission().json)
        }
    }
}
