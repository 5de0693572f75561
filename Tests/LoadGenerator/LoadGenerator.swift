import ArgumentParser

/// Makes traffic for tests and measurements, and counts its outcomes.
///
/// It isn't installed. Run it in network namespaces that you made: `serve` as the proxy and as the
/// destination, and one of the other commands as an application.
@main
struct LoadGenerator: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "LoadGenerator",
        abstract: "Make traffic, and count its outcomes.",
        subcommands: [
            ServeCommand.self, ConnectCommand.self, DatagramsCommand.self, StreamCommand.self,
            FloodCommand.self,
        ])
}
