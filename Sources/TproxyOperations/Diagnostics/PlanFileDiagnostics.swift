import Diagnostics
import RuleIR

// What is wrong with a plan file, or no longer right about it.
extension Diagnostic {
    private static let planAgain =
        "make and review it again: 'tproxy plan --output-file'; nothing was changed"

    static func brokenPlanFile(_ name: String, _ problem: SealedJSON.Problem) -> Diagnostic {
        let reason =
            switch problem {
            case .nestedTooDeep: "is no plan file: \(JSONNesting.problem)"
            case .notJSON: "is no plan file, or was cut off: it isn't a whole JSON object"
            case .otherSchema(let found?):
                "is '\(found)', and this tproxy reads '\(PlanFile.schema)'"
            case .otherSchema(nil): "doesn't say that it is a plan file"
            case .notSealed: "has no 'sha256' that it could be checked with"
            case .broken: "was changed after it was written: its 'sha256' is of something else"
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
            id: "facts-changed", "this host isn't as it was when '\(name)' was made",
            notes: differences.map(\.words), help: planAgain)
    }

    static func rulesLoweredOtherwise(_ name: String, _ version: String) -> Diagnostic {
        .error(
            id: "rules-lowered-otherwise",
            "tproxy \(version) made '\(name)', and this is \(tproxyVersion), which would load other"
                + " rules for it", help: planAgain)
    }

    static func loadedChanged(_ name: String, _ changes: [String]) -> Diagnostic {
        let shown = 12
        let rest = changes.count - shown
        return .error(
            id: "loaded-changed", "what is loaded isn't what was when '\(name)' was made",
            notes: changes.prefix(shown) + (rest > 0 ? ["and \(rest) lines more"] : []),
            help: "look with 'tproxy diff'; \(planAgain)")
    }

    static func unknownLoadedState(_ name: String) -> Diagnostic {
        .error(
            id: "unknown-loaded-state",
            "'\(name)' doesn't say what was loaded when it was made, so nobody can tell if that changed",
            help: loadedHelp)
    }

    static func loadedNotRead(because reason: String) -> Diagnostic {
        .warning(
            id: "loaded-not-read", "the plan file doesn't say what is loaded now: \(reason)",
            notes: ["'tproxy apply --plan' will refuse it"], help: loadedHelp)
    }

    static func planFileStoresNothing(at location: SourceLocation?) -> Diagnostic {
        .error(
            id: "plan-file-stores-nothing",
            "a plan file loads rules and can't store them for firewalld",
            at: location,
            help: "leave storeFirewalld off here, and store them with 'tproxy export firewalld'")
    }

    static func invalidStatusFile(_ name: String) -> Diagnostic {
        .error(
            id: "invalid-status", "'\(name)' isn't what 'tproxy status --output json' prints",
            help: loadedHelp)
    }

    private static let loadedHelp =
        "plan on the host itself with CAP_NET_ADMIN, or give --loaded: what its 'tproxy status"
        + " --output json' prints, or 'none'"
}
