import ArgumentParser

/// What one of our commands is called, where Kuma has another name for it.
protocol CommandWords {
    static var configuration: CommandConfiguration { get }
}

/// `tproxy apply`.
enum ApplyWords: CommandWords {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Load the rules, in place of what was loaded before.",
        discussion: "All or nothing. Applying what is loaded already changes nothing.")
}

/// `tproxy install transparent-proxy`.
enum InstallWords: CommandWords {
    static let configuration = CommandConfiguration(
        commandName: "transparent-proxy", abstract: "The same as 'tproxy apply'.")
}

/// `tproxy remove`.
enum RemoveWords: CommandWords {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Take the rules out; needs no configuration.")
}

/// `tproxy uninstall transparent-proxy`.
enum UninstallWords: CommandWords {
    static let configuration = CommandConfiguration(
        commandName: "transparent-proxy", abstract: "The same as 'tproxy remove'.")
}
