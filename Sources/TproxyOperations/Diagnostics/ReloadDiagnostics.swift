import Diagnostics
import FirewalldControl
import FirewalldExporter

extension FirewalldState {
    /// The state as a verb phrase that follows "firewalld".
    var words: String {
        switch self {
        case .running: "runs"
        case .failed: "could not load its configuration and runs without direct rules"
        case .notRunning: "isn't running"
        case .notInstalled: "isn't installed"
        case .unknown(let words): "doesn't answer: \(words)"
        }
    }
}

// Diagnostics about a reload of firewalld.
extension Diagnostic {
    static func cannotReload(_ state: FirewalldState) -> Diagnostic {
        .error(
            id: "firewalld-not-running", "firewalld \(state.words), so it can't reload",
            help: "start it, or leave --reload out: it loads the rules when it starts")
    }

    static func firewalldElsewhere() -> Diagnostic {
        .error(
            id: "firewalld-elsewhere",
            "firewalld doesn't run in this network namespace, so a reload changes nothing here",
            help: "run the command in firewalld's namespace, or leave --reload out")
    }

    static func refusedByIptables(_ words: String, at location: SourceLocation) -> Diagnostic {
        .error(
            id: "refused-direct-rule",
            "iptables refuses this rule\(words.isEmpty ? "" : ": \(words)")", at: location,
            help: "correct or remove it: for one such rule firewalld drops every direct rule")
    }
}

extension FirewalldReload.Failure {
    /// Returns the diagnostic; `path` is the changed file.
    func diagnostic(about path: String) -> Diagnostic {
        .error(
            id: "firewalld-refused", cause.words, notes: [note(about: path)],
            help: help(about: path))
    }

    private func note(about path: String) -> String {
        switch recovery {
        case .recovered: "'\(path)' is restored, and firewalld runs with it"
        case .stillFailing(let cause):
            "'\(path)' is restored, but firewalld doesn't run with it either:"
                + " \(cause.words)"
        case .notRestored(let reason): "'\(path)' could not be restored: \(reason)"
        }
    }

    private func help(about path: String) -> String {
        switch recovery {
        case .recovered: "correct the error and run the same command again"
        case .stillFailing: "correct the error, then run 'firewall-cmd --reload'"
        case .notRestored: "check '\(path)', then run 'firewall-cmd --reload'"
        }
    }
}

extension FirewalldReload.Cause {
    fileprivate var words: String {
        switch self {
        case .refused(let words): "firewalld would not load the rules: \(words)"
        case .state(let state): "after the reload firewalld \(state.words)"
        case .notLoaded(let words): "firewalld reloaded, but the rules aren't as stored: \(words)"
        }
    }
}
