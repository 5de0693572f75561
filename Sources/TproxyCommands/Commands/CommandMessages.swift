import ArgumentParser

/// What one of our commands is called, where Kuma has another name for it.
protocol CommandMessages {
    static var configuration: CommandConfiguration { get }
}

/// `tproxy apply`.
enum ApplyMessages: CommandMessages {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Load the rules, replacing loaded ones.",
        discussion: """
            A failure restores the previous rules. If the rules are loaded already, nothing changes.
            """)
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
