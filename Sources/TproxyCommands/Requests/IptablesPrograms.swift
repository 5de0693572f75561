import LinuxHost
import TproxyConfig
import TproxyOperations

/// The user's iptables programs, for commands without a configuration.
struct IptablesPrograms {
    /// The values of `--iptables-executables`.
    var paths: [String]

    /// Returns the backends that use these programs; prints warnings.
    func backends() throws -> BackendSelection {
        try BackendSelection(
            programs: paths.isEmpty
                ? [] : [FlagValue(name: "--iptables-executables", values: paths)],
            environment: ProcessEnvironment.variables, tell: Console.report)
    }
}
