/// The state of firewalld that firewall-cmd(1) reports.
package enum FirewalldState: Hashable, Sendable {
    case running
    /// firewalld couldn't load its configuration and runs with its defaults, without direct rules.
    case failed
    case notRunning
    case notInstalled
    /// The state can't be queried, as without D-Bus; contains firewall-cmd's message.
    case unknown(String)
}

/// Exit codes of firewall-cmd(1) and firewall-offline-cmd(1), which are firewalld's error numbers.
enum FirewalldExit {
    static let success: Int32 = 0
    static let runningButFailed: Int32 = 251
    static let notRunning: Int32 = 252
}
