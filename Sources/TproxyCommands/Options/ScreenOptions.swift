import ArgumentParser

/// Whether and how a command prints, on every command; `ConsoleOptions` reads them.
struct ScreenOptions: ParsableArguments {
    @Flag(help: "Print errors alone, and documents of --output and --format.")
    var quiet = false

    @Option(help: "When to colour text; NO_COLOR counts for auto.")
    var color = ColorChoice.auto
}

extension ColorChoice: ExpressibleByArgument {}
