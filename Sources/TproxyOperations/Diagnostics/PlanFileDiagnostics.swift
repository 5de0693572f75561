import Diagnostics
import JSON
import RuleIR

// Diagnostics about invalid and outdated plan files.
extension Diagnostic {
    /// A warning that was printed when the plan was made.
    static func recordedWarning(_ message: String, in name: String) -> Diagnostic {
        .warning(
            id: "recorded-warning", message, notes: ["recorded in '\(name)'"],
            help: "resolve it and make the plan again")
    }

    private static let planAgain =
        "make and review a new plan: 'tproxy plan --output-file'; nothing was changed"

    static func brokenPlanFile(_ name: String, _ problem: SealedJSON.Problem) -> Diagnostic {
        let reason =
            switch problem {
            case .nestedTooDeep: "is not a plan file: \(JSONProblem.nestedTooDeep.reason)"
            case .notJSON: "is not a plan file, or is truncated: it isn't a complete JSON object"
            case .otherSchema(let found?):
                "is '\(found)', and this tproxy reads '\(PlanFile.schema)'"
            case .otherSchema(nil): "isn't marked as a plan file"
            case .notSealed: "has no 'sha256' to check it with"
            case .broken: "was changed after it was written: its 'sha256' doesn't match"
            }
        return .error(id: "broken-plan-file", "'\(name)' \(reason)", help: planAgain)
    }

    static func unwritablePlanFile(because reason: String) -> Diagnostic {
        .error(
            id: "unwritable-plan-file", "the plan has no JSON form: \(reason)",
            help: "report this: it is a defect of tproxy")
    }

    static func invalidPlanFile(_ name: String, because reason: String) -> Diagnostic {
        .error(id: "invalid-plan-file", "'\(name)' can't be used: \(reason)", help: planAgain)
    }

    static func factsChanged(_ name: String, _ differences: [FactsDifference]) -> Diagnostic {
        .error(
            id: "facts-changed", "this host has changed since '\(name)' was written",
            notes: differences.map(\.words), help: planAgain)
    }

    static func rulesLoweredOtherwise(_ name: String, _ version: String) -> Diagnostic {
        .error(
            id: "rules-lowered-otherwise",
            "tproxy \(version) wrote '\(name)', and this is \(tproxyVersion), which would load other"
                + " rules for it", help: planAgain)
    }

    static func loadedChanged(_ name: String, _ changes: [String]) -> Diagnostic {
        let shown = 12
        let rest = changes.count - shown
        return .error(
            id: "loaded-changed", "the loaded rules have changed since '\(name)' was written",
            notes: changes.prefix(shown) + (rest > 0 ? ["and \(rest) more lines"] : []),
            help: "run 'tproxy diff'; \(planAgain)")
    }

    static func unknownLoadedState(_ name: String) -> Diagnostic {
        .error(
            id: "unknown-loaded-state",
            "'\(name)' doesn't record the loaded rules, so tproxy can't tell whether they changed",
            help: loadedHelp)
    }

    static func loadedNotRead(because reason: String) -> Diagnostic {
        .warning(
            id: "loaded-not-read", "the plan file doesn't record the loaded rules: \(reason)",
            notes: ["'tproxy apply --plan' will refuse it"], help: loadedHelp)
    }

    static func planFileStoresNothing(at location: SourceLocation?) -> Diagnostic {
        .error(
            id: "plan-file-stores-nothing",
            "a plan file loads rules and can't store them for firewalld",
            at: location,
            help: "leave storeFirewalld off, and store the rules with 'tproxy export firewalld'")
    }

    static func invalidStatusFile(_ name: String) -> Diagnostic {
        .error(
            id: "invalid-status", "'\(name)' isn't output of 'tproxy status --output json'",
            help: loadedHelp)
    }

    private static let loadedHelp =
        "plan on the host itself with CAP_NET_ADMIN, or give --loaded: the output of 'tproxy status"
        + " --output json' there, or 'none'"
}
