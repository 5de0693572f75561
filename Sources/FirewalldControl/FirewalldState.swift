/// Whether firewalld runs, by what firewall-cmd(1) says.
package enum FirewalldState: Hashable, Sendable {
    case running
    /// It could not load its configuration and runs with the one it came with: all direct rules
    /// are gone.
    case failed
    case notRunning
    case notInstalled
    /// It can't be asked, as where there is no D-Bus; what firewall-cmd said.
    case unknown(String)
}

/// Exit codes of firewall-cmd(1) and firewall-offline-cmd(1), which are firewalld's error numbers.
enum FirewalldExit {
    static let success: Int32 = 0
    static let runningButFailed: Int32 = 251
    static let notRunning: Int32 = 252
}
