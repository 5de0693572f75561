import ArgumentParser

/// The user's iptables programs, for commands that take no configuration.
struct ProgramsOptions: ParsableArguments {
    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Paths of the iptables programs, name:path, separated by commas. Repeatable.",
            discussion: "As for apply, if tproxy doesn't find them."))
    var iptablesExecutables: [String] = []

    var programs: IptablesPrograms { IptablesPrograms(paths: iptablesExecutables) }
}
