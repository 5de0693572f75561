import ArgumentParser

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the loaded rules, their version and counters.",
        discussion:
            """
            Exits 0 when the rules are intact, 2 when they were changed by hand or a move to another \
            backend was interrupted, 1 when no rules are loaded.
            """)

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var programs: ProgramsOptions

    @Option(help: "The output format.")
    var output: OutputFormat = .text

    @OptionGroup var screen: ScreenOptions

    var request: StatusRequest {
        StatusRequest(instance: instance.instance, programs: programs.programs, output: output)
    }

    func run() throws { try request.run() }
}
