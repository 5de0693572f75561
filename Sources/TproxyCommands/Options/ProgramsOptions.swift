import ArgumentParser
import Diagnostics
import FoundationEssentials
import TproxyConfig

/// The user's iptables programs, for commands that take no configuration.
struct ProgramsOptions: ParsableArguments {
    private static let variable = "KUMA_TRANSPARENT_PROXY_IPTABLES_EXECUTABLES"

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Paths of the iptables programs, name:path, separated by commas. Repeatable.",
            discussion: "As for apply, where they aren't found by themselves."))
    var iptablesExecutables: [String] = []

    /// What puts rules into the kernel, through these programs.
    ///
    /// The flag and its variable alone count: no mistake elsewhere keeps rules from being taken out.
    func backends() throws(CommandFailure) -> BackendSelection {
        let environment = ProcessInfo.processInfo.environment.filter { $0.key == Self.variable }
        let flag = FlagValue(name: "--iptables-executables", values: iptablesExecutables)
        let loaded = ConfigurationLoader.load(
            files: [], environment: environment, flags: flag.values.isEmpty ? [] : [flag],
            allowUnknownKeys: false)
        guard loaded.diagnostics.allSatisfy({ $0.severity != .error }) else {
            throw CommandFailure(loaded.diagnostics)
        }
        return BackendSelection(paths: loaded.config.iptablesExecutables.value)
    }
}
