import ArgumentParser
import FoundationEssentials
import TproxyConfig
import TproxyOperations

/// The user's iptables programs, for commands that take no configuration.
struct ProgramsOptions: ParsableArguments {
    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Paths of the iptables programs, name:path, separated by commas. Repeatable.",
            discussion: "As for apply, if tproxy doesn't find them."))
    var iptablesExecutables: [String] = []

    /// Returns the backends that use these programs.
    func backends() throws -> BackendSelection {
        let flag = FlagValue(name: "--iptables-executables", values: iptablesExecutables)
        return try BackendSelection(
            programs: flag.values.isEmpty ? [] : [flag],
            environment: ProcessInfo.processInfo.environment)
    }
}
