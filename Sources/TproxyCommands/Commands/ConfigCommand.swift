import ArgumentParser
import TproxyConfig

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Show, check or describe the configuration.",
        subcommands: [Show.self, Check.self, Schema.self, Reference.self])

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the effective configuration and where each value comes from.")

        @OptionGroup var configuration: ConfigurationOptions

        func run() throws {
            let rows = EffectiveConfiguration(try configuration.load()).rows.map {
                [$0.path, $0.value, $0.origin.description]
            }
            Console.result(
                TextTable(header: ["KEY", "VALUE", "ORIGIN"], rows: rows).lines
                    .joined(separator: "\n"))
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Report every problem of the configuration.")

        @OptionGroup var configuration: ConfigurationOptions

        func run() throws {
            _ = try configuration.load()
            Console.result("the configuration is valid")
        }
    }

    struct Schema: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a JSON Schema of the configuration file.")

        func run() throws {
            Console.result(ConfigurationSchema.json)
        }
    }

    struct Reference: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the reference of all keys, as docs/configuration.md has it.")

        func run() throws {
            Console.result(ConfigurationReference.markdown)
        }
    }
}
