import LinuxHost

/// The firewalld of this host, through firewall-cmd(1).
package struct Firewalld: Sendable {
    /// firewalld's answer to what it would not do.
    package struct Refusal: Error, Hashable, Sendable {
        /// In its own words, on one line.
        package var words: String
    }

    private let program: String?

    package init() {
        program = ProgramSearch.path(of: "firewall-cmd")
    }

    package var isInstalled: Bool { program != nil }

    package func state() -> FirewalldState {
        guard let program else { return .notInstalled }
        let run: ToolRun
        do {
            run = try ToolRun(program, ["--state"])
        } catch {
            return .unknown(error.reason)
        }
        return switch run.status {
        case FirewalldExit.success: .running
        case FirewalldExit.runningButFailed: .failed
        case FirewalldExit.notRunning: .notRunning
        case _: .unknown(FirewalldMessages.of(run))
        }
    }

    /// Lets firewalld read its files and load them in place of all that it had loaded.
    ///
    /// It returns when it is done. Rules that others put into iptables' tables are gone then.
    package func reload() throws(Refusal) {
        guard let program else { throw Refusal(words: "firewall-cmd is missing") }
        let run: ToolRun
        do {
            run = try ToolRun(program, ["--reload"])
        } catch {
            throw Refusal(words: error.reason)
        }
        guard run.status == FirewalldExit.success else {
            throw Refusal(words: FirewalldMessages.of(run))
        }
    }
}
