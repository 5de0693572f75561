import LinuxHost

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

/// Extracts the error message of firewalld's commands, on one line.
enum FirewalldMessages {
    static let configurationError = "Configuration error: "
    /// Prefixes that carry no information.
    private static let prefixes = ["Error: ", configurationError, "COMMAND_FAILED: "]

    static func of(_ run: ToolRun) -> String {
        let lines = (run.errors + "\n" + run.output).split(whereSeparator: \.isNewline)
            .map(String.init)
        // Log lines before the error concern other files, or repeat it.
        let start = lines.firstIndex { line in prefixes.contains { line.hasPrefix($0) } } ?? 0
        let words = lines.dropFirst(start).filter { !$0.hasPrefix("Try `") }
            .joined(separator: "; ")
        return words.isEmpty ? "no reason given" : plain(words)
    }

    private static func plain(_ words: String) -> String {
        for prefix in prefixes where words.hasPrefix(prefix) {
            return plain(String(words.dropFirst(prefix.count)))
        }
        return words
    }
}

/// The settings in firewalld.conf(5) that affect redirected traffic.
///
/// Values are read as by firewalld: the first of several lines counts, and an unknown value is the
/// default.
package struct FirewalldSettings: Hashable, Sendable {
    /// `RFC3964_IPv4`: whether firewalld rejects IPv6 packets to addresses that embed IPv4 ones.
    ///
    /// In an OUTPUT chain that includes `::1`, where a redirected packet still has its original
    /// outgoing interface.
    package private(set) var rejectsEmbeddedIPv4 = true

    /// Creates the defaults, which apply without a file.
    package init() {}

    package init(text: String) {
        for line in text.split(whereSeparator: \.isNewline).map(Self.trimmed) {
            let parts = line.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, Self.trimmed(parts[0]) == "RFC3964_IPv4" else { continue }
            let value = Self.trimmed(parts[1]).lowercased()
            guard !value.isEmpty else { continue }
            rejectsEmbeddedIPv4 = value != "no" && value != "false"
            return
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return text
    }
}
