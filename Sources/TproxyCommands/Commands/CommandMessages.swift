import ArgumentParser

/// The name and the help of a command that has another name in Kuma.
protocol CommandMessages {
    static var configuration: CommandConfiguration { get }
}

/// `tproxy apply`.
enum ApplyMessages: CommandMessages {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Load the rules in place of the loaded ones.",
        discussion: "All or nothing. Applying rules that are loaded already changes nothing.")
}

/// `tproxy install transparent-proxy`.
enum InstallMessages: CommandMessages {
    static let configuration = CommandConfiguration(
        commandName: "transparent-proxy", abstract: "Same as 'tproxy apply'.")
}

/// `tproxy remove`.
enum RemoveMessages: CommandMessages {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove the rules; needs no configuration.")
}

/// `tproxy uninstall transparent-proxy`.
enum UninstallMessages: CommandMessages {
    static let configuration = CommandConfiguration(
        commandName: "transparent-proxy", abstract: "Same as 'tproxy remove'.")
}
