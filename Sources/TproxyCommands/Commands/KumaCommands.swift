import ArgumentParser

/// The commands `tproxy install transparent-proxy`, the kumactl-compatible alias of `apply`, and
/// `tproxy install transparent-proxy-validator`, that of `validate`.
struct InstallCommand: CommandFamily {
    static let configuration = CommandConfiguration(
        commandName: "install", abstract: "kumactl-compatible aliases of apply and validate.",
        subcommands: [ApplyCommand<InstallMessages>.self, InstallValidatorCommand.self])
}

/// The command `tproxy uninstall transparent-proxy`, the kumactl-compatible alias of `remove`.
struct UninstallCommand: CommandFamily {
    static let configuration = CommandConfiguration(
        commandName: "uninstall", abstract: "kumactl-compatible alias of remove.",
        subcommands: [RemoveCommand<UninstallMessages>.self])
}

/// The name and the help of a command that has another name in Kuma.
protocol CommandMessages {
    static var configuration: CommandConfiguration { get }
    /// Whether the name is kumactl's, for whose scripts the output is.
    static var isKumactls: Bool { get }
}

/// `tproxy apply`.
enum ApplyMessages: CommandMessages {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Load the rules, replacing loaded ones.",
        discussion: """
            A failure restores the previous rules. If the rules are loaded already, nothing changes.
            """)
    static let isKumactls = false
}

/// `tproxy install transparent-proxy`.
enum InstallMessages: CommandMessages {
    static let configuration = CommandConfiguration(
        commandName: "transparent-proxy", abstract: "Same as 'tproxy apply'.",
        discussion: """
            As kumactl does, --dry-run prints a script that loads the rules, and the last line says \
            that the setup is complete.
            """)
    static let isKumactls = true
}

/// `tproxy remove`.
enum RemoveMessages: CommandMessages {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove the rules; needs no configuration.")
    static let isKumactls = false
}

/// `tproxy uninstall transparent-proxy`.
enum UninstallMessages: CommandMessages {
    static let configuration = CommandConfiguration(
        commandName: "transparent-proxy", abstract: "Same as 'tproxy remove'.")
    static let isKumactls = true
}
