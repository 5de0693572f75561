import ArgumentParser
import TproxyConfig

/// The commands for Dataplane resources of Kuma.
struct DataplaneCommand: CommandFamily {
    static let configuration = CommandConfiguration(
        commandName: "dataplane", abstract: "Show the Dataplane resource of Kuma for the rules.",
        subcommands: [Show.self])

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the Dataplane resource that matches the configuration.",
            discussion: """
                Its proxy listens on the ports to which the rules redirect. The defaults are variables \
                of a template for 'kuma-dp run --dataplane-var'. Add the ports of the service.
                """)

        @Option(help: "The form of the resource.")
        var format = DataplaneText.Form.universal

        @Option(help: "The mesh of the resource.")
        var mesh = "default"

        @Option(help: "The name of the resource.")
        var name = "{{ name }}"

        @Option(help: "The address by which other proxies reach this one.")
        var address = "{{ address }}"

        @OptionGroup var screen: ScreenOptions
        @OptionGroup var configuration: ConfigurationOptions

        func run() throws {
            let config = try configuration.sources.load()
            let resource = DataplaneText(mesh: mesh, name: name, address: address)
            Console.document(resource.text(of: config, as: format))
        }
    }
}

extension DataplaneText.Form: ExpressibleByArgument {}
