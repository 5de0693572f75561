import HostPrograms

/// Controls the firewalld of this host through firewall-cmd(1).
package struct Firewalld: Sendable {
    /// A refused command.
    package struct Refusal: Error, Hashable, Sendable {
        /// firewalld's message, on one line.
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

    /// Makes firewalld read its files and replace everything that it had loaded; returns when it is
    /// done.
    ///
    /// Rules of other programs in the tables of iptables are lost.
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
