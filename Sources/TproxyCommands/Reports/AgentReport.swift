import Diagnostics
import NodeAgent

/// The log of the node agent: one line for each event, on stderr.
///
/// The runtime adds the time.
enum AgentReport {
    /// Differences that are named; a whole table may be missing.
    private static let shownDifferences = 4

    static func print(_ event: AgentEvent) {
        for line in lines(of: event) { Console.note(line) }
    }

    static func lines(of event: AgentEvent) -> [String] {
        switch event {
        case .installed(let words): return [words]
        case .ready: return ["ready: the plugin is installed"]
        case .listsAfter(let wait):
            let milliseconds = Int(wait / .milliseconds(1))
            return [
                "listing the node's pods in \(milliseconds) ms, so that agents don't list at once"
            ]
        case .problem(let diagnostics): return diagnostics.map { line(of: $0) }
        case .unanswered(let diagnostic, let wait):
            let milliseconds = wait / .milliseconds(1)
            return [
                line(of: diagnostic) + " (again in \(Int((milliseconds / 1000).rounded(.up))) s)"
            ]
        case .repaired(let pod, let differences):
            let shown = differences.prefix(shownDifferences).joined(separator: "; ")
            let rest = differences.count - shownDifferences
            return [
                "repaired \(pod): the loaded rules differed: \(shown)"
                    + (rest > 0 ? "; and \(rest) more" : "")
            ]
        case .unreconciled(let pod, let diagnostics):
            return diagnostics.map { "\(pod): \(line(of: $0))" }
        case .refusedPeer(let user):
            let name = user.map { "UID \($0)" } ?? "an unknown user"
            return ["warning: refused \(name) at the plugin's socket: only root may ask"]
        case .taintRemoved(let taint): return ["removed the taint '\(taint)' from the node"]
        }
    }

    /// Returns a diagnostic as one line.
    private static func line(of diagnostic: Diagnostic) -> String {
        let place = diagnostic.location.map { "\($0): " } ?? ""
        let notes = diagnostic.notes.map { " (\($0))" }.joined()
        let help = diagnostic.help.map { "; \($0)" } ?? ""
        return "\(diagnostic.severity.rawValue): \(place)\(diagnostic.message)\(notes)\(help)"
            + " [\(diagnostic.id)]"
    }
}
