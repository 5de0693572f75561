import LinuxHost
import TproxyConfig
import TproxyOperations

/// The user's iptables programs, for commands that take no configuration.
struct IptablesPrograms {
    /// Of `--iptables-executables`.
    var paths: [String]

    /// What puts rules into the kernel, through these programs.
    func backends() throws -> BackendSelection {
        try BackendSelection(
            programs: paths.isEmpty
                ? [] : [FlagValue(name: "--iptables-executables", values: paths)],
            environment: ProcessEnvironment.variables)
    }
}
