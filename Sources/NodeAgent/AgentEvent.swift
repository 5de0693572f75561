package import Diagnostics

/// What the agent reports.
package enum AgentEvent: Sendable {
    /// The plugin or its configuration was installed again.
    case installed(String)
    case ready
    /// The first list of pods comes after this wait.
    case listsAfter(Duration)
    case problem([Diagnostic])
    /// A request to the API server has failed; the agent asks again after the wait.
    case unanswered(Diagnostic, wait: Duration)
    case repaired(pod: String, differences: [String])
    case unreconciled(pod: String, [Diagnostic])
    /// A process that isn't root's wanted to ask.
    case refusedPeer(user: UInt32?)
    case taintRemoved(String)
}
