import ArgumentParser

/// A command that only groups subcommands, one of which must be named.
protocol CommandFamily: ParsableCommand {}

/// The error of a command line without a subcommand.
struct NoCommand: Error {}

extension CommandFamily {
    package func run() throws {
        throw NoCommand()
    }
}
