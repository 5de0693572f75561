package import Diagnostics
import HostChange
import RuleIR

// What operations say of things that no other module reports; one function a message.
extension Diagnostic {
    static func unreadableFile(_ name: String, because reason: String) -> Diagnostic {
        .error(
            id: "unreadable-file", "can't read '\(name)': \(reason)",
            help: "name a readable file, or - for standard input")
    }

    static func invalidFacts(_ name: String, because reason: String) -> Diagnostic {
        .error(
            id: "invalid-facts", "'\(name)' doesn't hold host facts: \(reason)",
            help: "write the file with 'tproxy facts' on that host")
    }

    static func noIptables() -> Diagnostic {
        .error(
            id: "no-iptables", "neither iptables-nft nor iptables-legacy is on this host",
            help: "use --backend nft, or install iptables")
    }

    static func otherBackend(_ name: String, wanted: String) -> Diagnostic {
        .error(
            id: "other-backend",
            "rules are loaded by \(name); loading them by \(wanted), too, would redirect twice",
            help: "run 'tproxy remove' first, or move with --replace-backend")
    }

    static func kumactlInstalled(_ flavour: String) -> Diagnostic {
        .error(
            id: "kumactl-installed", "kumactl's own rules are in the tables of \(flavour)",
            help: "run 'tproxy remove --kumactl --dry-run', then run it without --dry-run")
    }

    static func stillLoaded(_ name: String) -> Diagnostic {
        .error(
            id: "still-loaded", "the rules of \(name) are still loaded",
            help: "run 'tproxy remove --backend \(name)'")
    }

    static func noSuchBackend(_ name: String) -> Diagnostic {
        .error(
            id: "no-such-backend", "this build has no backend '\(name)'",
            help: "use \(BackendChoice.allTexts.joined(separator: ", "))")
    }

    /// The backend has no way to list what it has loaded.
    static func cannotList(_ name: String) -> Diagnostic {
        .error(
            id: "cannot-list",
            "\(name) can't list its loaded rules, so tproxy can't compare them with the plan",
            help: "run 'tproxy status', which reports whether the rules are intact")
    }

    package static func noEBPF(at location: SourceLocation?) -> Diagnostic {
        .error(
            id: "no-such-backend", "this build has no eBPF backend", at: location,
            help: "leave ebpf.enabled off; the nft backend redirects the same traffic")
    }

    static func unreadableBackend(
        _ name: String, _ reason: String, _ severity: Diagnostic.Severity = .warning
    ) -> Diagnostic {
        Diagnostic(
            severity, id: "unreadable-backend",
            "can't determine whether \(name) has rules of tproxy: \(reason)",
            help: "check with 'nft list ruleset'")
    }

    static func alsoLoaded(_ name: String) -> Diagnostic {
        .warning(
            id: "also-loaded", "rules are loaded by \(name), too",
            help: "run 'tproxy remove' and then 'tproxy apply'")
    }

    /// What `status` says of a move that was killed.
    static func interruptedMove(_ names: [String]) -> Diagnostic {
        .error(
            id: "interrupted-move",
            "a move from one backend to another was interrupted: rules are loaded by"
                + " \(names.joined(separator: " and by "))",
            help: "run 'tproxy apply --backend NAME' with the backend to keep, or"
                + " 'tproxy remove'")
    }

    static func finishingMove(from old: String, to new: String) -> Diagnostic {
        .warning(
            id: "interrupted-move",
            "rules are loaded by \(new) and by \(old): finishing the move to \(new)")
    }

    /// What `status` says of an address that the rules need and that isn't there to stay.
    static func addressNotKept(_ alias: LoopbackAlias, _ standing: LoopbackAlias.Standing)
        -> Diagnostic
    {
        let state =
            switch standing {
            case .missing: "is missing"
            case .passing, .lasting: "expires within a minute"
            }
        return .error(
            id: "address-not-kept",
            "\(alias), which the rules need for inbound IPv6 connections, \(state)",
            help: "run 'tproxy apply' again")
    }

    static func addressLeft(_ alias: LoopbackAlias) -> Diagnostic {
        .warning(
            id: "address-left", "\(alias) was added for rules that are no longer loaded",
            help: "'tproxy remove' deletes it")
    }

    static func addressNotLookedAt(because reason: String) -> Diagnostic {
        .warning(
            id: "address-left",
            "an address that no rules need may be left on the loopback interface: \(reason)",
            help: "'tproxy remove' or the next 'tproxy apply' checks again")
    }

    static func passedHolder(_ holder: LockHolder) -> Diagnostic {
        .warning(
            id: "stopped-holder",
            "not waiting for \(holder.words)",
            help: "it checks the rules again when it continues")
    }

    static func doubt(_ text: String) -> Diagnostic {
        .warning(id: "uncertain-fact", text)
    }

    static func notInstalled(_ instance: InstanceName) -> Diagnostic {
        .error(
            id: "not-installed", "no rules of instance '\(instance)' are loaded",
            help: "run 'tproxy apply' to load them")
    }
}

extension DecodingError {
    /// What is wrong with a JSON document, and where in it.
    var words: String {
        switch self {
        case .dataCorrupted(let context), .typeMismatch(_, let context),
            .valueNotFound(_, let context):
            "at '\(Self.path(context.codingPath))': \(context.debugDescription)"
        case .keyNotFound(let key, _): "key '\(key.stringValue)' is missing"
        @unknown default: "it is not valid"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { $0.intValue.map { "\($0)" } ?? $0.stringValue }.joined(separator: ".")
    }
}
