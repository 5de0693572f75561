import ArgumentParser

/// The command `tproxy install transparent-proxy`, the kumactl-compatible alias of `apply`.
struct InstallCommand: CommandFamily {
    static let configuration = CommandConfiguration(
        commandName: "install", abstract: "kumactl-compatible alias of apply.",
        subcommands: [ApplyCommand<InstallMessages>.self])
}

/// The command `tproxy uninstall transparent-proxy`, the kumactl-compatible alias of `remove`.
struct UninstallCommand: CommandFamily {
    static let configuration = CommandConfiguration(
        commandName: "uninstall", abstract: "kumactl-compatible alias of remove.",
        subcommands: [RemoveCommand<UninstallMessages>.self])
}
