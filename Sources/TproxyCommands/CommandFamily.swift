import ArgumentParser

/// A command that does nothing itself: one of its subcommands must be named.
protocol CommandFamily: ParsableCommand {}

/// No subcommand was named.
struct NoCommand: Error {
    var family: any ParsableCommand.Type
}

extension CommandFamily {
    package func run() throws {
        throw NoCommand(family: Self.self)
    }
}
