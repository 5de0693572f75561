import ArgumentParser

/// `tproxy install transparent-proxy`: kumactl's words for `apply`.
struct InstallCommand: CommandFamily {
    static let configuration = CommandConfiguration(
        commandName: "install", abstract: "kumactl-compatible alias of apply.",
        subcommands: [ApplyCommand<InstallMessages>.self])
}

/// `tproxy uninstall transparent-proxy`: kumactl's words for `remove`.
struct UninstallCommand: CommandFamily {
    static let configuration = CommandConfiguration(
        commandName: "uninstall", abstract: "kumactl-compatible alias of remove.",
        subcommands: [RemoveCommand<UninstallMessages>.self])
}
