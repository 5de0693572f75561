package import Diagnostics
package import FirewalldExporter
package import RuleIR

/// What applying a plan tells of while it is at work, in the order in which it happens.
///
/// An event comes before the next step is taken: what is told of a change that fails later, or that
/// cuts the connection of the reader, has been told.
package enum ApplyEvent {
    /// What the user should know.
    case notices([Diagnostic])
    /// The rules that are loaded differ from the planned ones and give way next.
    case replacing(Comparison)
    /// The rules are in; so many open connections are kept.
    case loaded(ApplyOutcome, Ruleset, keptConnections: Int)
    /// The rules of another backend went, after a move.
    case left(RemoveOutcome)
    /// A prerequisite that no rules need any longer is undone.
    case undone(HostPrerequisite)
    /// firewalld's file has the rules.
    case stored(FirewalldStore.Outcome, FirewalldExporter.Output, path: String)
}

/// What became of a plan that was applied.
package struct AppliedPlan {
    package var outcome: ApplyOutcome
    package var ruleset: Ruleset
    /// Open connections that conntrack was told of, so that they go on.
    package var keptConnections: Int
    /// The backends whose rules gave way.
    package var left: [BackendName] = []
    /// The file that firewalld will load the rules from.
    package var stored: String?

    /// What is loaded.
    package var installed: InstalledRuleset { outcome.installed }
}
