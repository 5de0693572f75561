import Addressing
import RuleIR
import TproxyOperations

/// What `apply` did, in a line or two.
struct ApplySummary {
    var outcome: ApplyOutcome
    var ruleset: Ruleset
    /// Open connections that conntrack was told of.
    var keptConnections = 0

    var text: String {
        switch outcome {
        case .installed(let installed): describe("installed", installed)
        case .replaced(let installed): describe("replaced", installed)
        case .unchanged(let installed):
            "unchanged: \(installed.name) already holds these rules (digest \(short(installed)))"
        }
    }

    private func describe(_ verb: String, _ installed: InstalledRuleset) -> String {
        let families = ruleset.families.map(\.displayName).joined(separator: " and ")
        var text =
            "\(verb) \(installed.name): \(ruleset.locatedRules.count) rules and"
            + " \(ruleset.sets.count) \(ruleset.sets.count == 1 ? "set" : "sets") for \(families) (digest \(short(installed)))"
        if let alias = installed.ownedAlias {
            text += "\nadded \(alias)"
        }
        if keptConnections > 0 {
            text +=
                "\nkept \(keptConnections) open"
                + " \(keptConnections == 1 ? "connection" : "connections"), past the proxy"
        }
        return text
    }

    private func short(_ installed: InstalledRuleset) -> String {
        String(installed.digest.prefix(12))
    }
}
