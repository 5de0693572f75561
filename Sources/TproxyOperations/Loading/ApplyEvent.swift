package import Diagnostics
package import FirewalldExporter
package import RuleIR

/// An event while a plan is applied, in order of occurrence.
///
/// Each event is reported before the next step, so it is known even if a later step fails or cuts
/// the user's connection.
package enum ApplyEvent {
    /// Diagnostics for the user.
    case notices([Diagnostic])
    /// The loaded rules differ from the planned ones and are replaced next.
    case replacing(Comparison)
    /// The rules are loaded, and this number of open connections is kept.
    case loaded(ApplyOutcome, Ruleset, keptConnections: Int)
    /// The rules of another backend were removed after a move.
    case left(RemoveOutcome)
    /// A loopback address that no rules need was deleted.
    case addressRemoved(LoopbackAlias)
    /// The rules were stored in firewalld's file.
    case stored(FirewalldStore.Outcome, FirewalldExporter.Output, path: String)
}

/// The result of applying a plan.
package struct AppliedPlan {
    package var outcome: ApplyOutcome
    package var ruleset: Ruleset
    /// The number of open connections that were entered into conntrack and so continue.
    package var keptConnections: Int
    /// The backends whose rules were removed.
    package var left: [BackendName] = []
    /// The file from which firewalld will load the rules.
    package var stored: String?

    /// The loaded ruleset.
    package var installed: InstalledRuleset { outcome.installed }
}
