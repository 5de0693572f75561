import ArgumentParser
import TproxyConfig

struct ConfigCommand: CommandFamily {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Show, check or describe the configuration.",
        subcommands: [Init.self, Show.self, Check.self, Schema.self, Reference.self])

    struct Init: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a configuration file with every key as a comment.")

        @OptionGroup var screen: ScreenOptions

        func run() throws {
            Console.document(ConfigurationTemplate.yaml)
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the effective configuration and where each value comes from.")

        @Option(help: "The output format.")
        var output: OutputFormat = .text

        @OptionGroup var screen: ScreenOptions
        @OptionGroup var configuration: ConfigurationOptions

        func run() throws {
            let report = SettingsReport(EffectiveConfiguration(try configuration.sources.load()))
            switch output {
            case .text: Console.page(report.text)
            case .json: try Console.document(report)
            }
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Report every problem of the configuration.")

        @Option(help: "The output format.")
        var output: OutputFormat = .text

        @OptionGroup var screen: ScreenOptions
        @OptionGroup var configuration: ConfigurationOptions

        func run() throws {
            _ = try configuration.sources.load()
            switch output {
            case .text: Console.result("the configuration is valid")
            case .json: try Console.document(CheckReport())
            }
        }
    }

    struct Schema: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a JSON Schema of the configuration file.")

        @OptionGroup var screen: ScreenOptions

        func run() throws {
            Console.document(ConfigurationSchema.json)
        }
    }

    struct Reference: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the reference of all keys, as docs/configuration.md has it.")

        @OptionGroup var screen: ScreenOptions

        func run() throws {
            Console.document(ConfigurationReference.markdown)
        }
    }
}
