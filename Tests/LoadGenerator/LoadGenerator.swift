import ArgumentParser

/// Makes traffic for tests and measurements, and counts what becomes of it.
///
/// It isn't installed. Run it in network namespaces that you made: `serve` in the places of the proxy
/// and of the destination, and one of the others in the place of an application.
@main
struct LoadGenerator: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "LoadGenerator",
        abstract: "Make traffic, and count what becomes of it.",
        subcommands: [
            ServeCommand.self, ConnectCommand.self, DatagramsCommand.self, StreamCommand.self,
            FloodCommand.self,
        ])
}
