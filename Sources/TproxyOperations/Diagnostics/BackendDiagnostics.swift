import Diagnostics
import LinuxHost
import RuleIR

extension BackendError {
    /// Returns the diagnostic for an error of `name`; foreign rules in Kuma's form are kumactl's.
    func diagnostic(from name: BackendName) -> Diagnostic {
        if case .foreignObject = self, name.placement.isShared {
            return .kumactlInstalled(name.text)
        }
        return diagnostic
    }

    /// Returns capabilities as setcap(8) takes them.
    private static func granted(_ names: String) -> String {
        names.split(separator: ",").map { name in
            name.lowercased().filter { $0 != " " }
        }.joined(separator: ",")
    }

    /// The diagnostic for the user.
    var diagnostic: Diagnostic {
        switch self {
        case .missingCapability(let name, let isReading):
            .error(
                id: "missing-capability",
                "\(isReading ? "reading the loaded" : "changing firewall") rules needs \(name)",
                help:
                    "run as root, or grant it: setcap \(Self.granted(name))+ep, AmbientCapabilities="
            )
        case .invalidRuleset(let problem): problem.diagnostic
        case .refused(let reason, let rule):
            .error(
                id: "kernel-refused", "the kernel refused the rules: \(reason)",
                notes: rule?.notes ?? [],
                help: "correct it as the reason says; 'tproxy preflight' lists conflicts")
        case .unsupported(let feature, let remedy):
            .error(id: "unsupported", "this host doesn't support \(feature)", help: remedy)
        case .unusable(let name, let reason, let remedy):
            .error(id: "unusable", "\(name) can't be used: \(reason)", help: remedy)
        case .foreignObject(let name):
            .error(
                id: "foreign-object", "\(name) exists and tproxy didn't create it",
                help: "choose another --instance, or delete it: nft delete \(name)")
        case .busy(let attempts, let reason):
            .error(
                id: "busy", "gave up after \(attempts) attempts: \(reason)",
                help: "run the command again, or raise retry.maxRetries")
        case .addressRefused(let address, let interface, let reason):
            .error(
                id: "address-refused", "can't change \(address) on \(interface): \(reason)",
                help: "enable IPv6 on \(interface), or set ipFamilyMode to 'ipv4'")
        case .failed(let operation, let reason):
            .error(id: "failed", "\(operation) failed: \(reason)")
        }
    }
}

extension RulesetProblem {
    /// The diagnostic for the user.
    ///
    /// What a backend can't express is the user's request; any other problem is a defect.
    fileprivate var diagnostic: Diagnostic {
        switch self {
        case .unsupportedRule(let rule, _, _, let instead):
            .error(
                id: "inexpressible", "\(self)", notes: rule.notes,
                help: "use --backend \(instead), or remove \(rule.rationale.key)")
        case .limitExceeded(_, _, _, let instead):
            .error(
                id: "inexpressible", "\(self)",
                help: "use --backend \(instead), or shorten the lists")
        case .unknownChain, .otherStage, .jumpLoop, .duplicateChain, .duplicateSet, .invalidSetName,
            .unknownSet, .wrongSetKind, .misplacedAction, .misplacedMatch, .portWithoutTransport,
            .returnForOtherOwners, .mixedFamilies, .unprintableRationale, .noFamilies,
            .unorderedPrerequisites, .unsupportedInstance, .reservedChain, .tooManyFlows,
            .tooManyRules, .inexpressible:
            .error(
                id: "invalid-ruleset", "\(self)", help: "report this: it is a defect of tproxy")
        }
    }
}

extension RefusedRule {
    /// The rule's place and its key.
    fileprivate var notes: [String] {
        let place = location.map { " (\($0))" } ?? ""
        return ["the rule is '\(rationale.reason)'\(place), from \(rationale.key)"]
    }
}

extension Diagnostic {
    /// The rules are loaded as planned, but libnftables failed.
    static func submittedByNetlink(_ reason: String) -> Diagnostic {
        Diagnostic(
            .note, id: "submitted-by-netlink",
            "\(reason); the rules were submitted as netlink messages",
            help: "leave --submit out, or give --submit netlink")
    }

    /// Open connections may be reset; reported before the rules are loaded.
    static func connectionsNotKept(_ problem: PreparedConnections.Problem) -> Diagnostic {
        let help = "load the module nf_conntrack_netlink before rules are loaded"
        return switch problem {
        case .unlisted(let reason):
            Diagnostic(
                .warning, id: "connections-not-kept",
                "open connections may be reset: can't list sockets (\(reason))",
                help: "load the modules inet_diag and tcp_diag before rules are loaded")
        case .refused(let count, let reason):
            Diagnostic(
                .warning, id: "connections-not-kept",
                "\(count) open \(count == 1 ? "connection" : "connections") may be reset:"
                    + " conntrack rejects the entry (\(reason))", help: help)
        }
    }
}
