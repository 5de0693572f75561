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
            help: "write the file with 'tproxy facts' on the host it is about")
    }

    static func noIptables() -> Diagnostic {
        .error(
            id: "no-iptables", "neither iptables-nft nor iptables-legacy is on this host",
            help: "use --backend nft, or install iptables")
    }

    static func otherBackend(_ name: String, wanted: String) -> Diagnostic {
        .error(
            id: "other-backend",
            "rules are loaded by \(name); loading them by \(wanted) too would capture twice",
            help: "run 'tproxy remove' first, or move with --replace-backend")
    }

    static func kumactlInstalled(_ flavour: String) -> Diagnostic {
        .error(
            id: "kumactl-installed", "kumactl's own rules are in the tables of \(flavour)",
            help: "look with 'tproxy remove --kumactl --dry-run', then run it without --dry-run")
    }

    static func stillLoaded(_ name: String) -> Diagnostic {
        .error(
            id: "still-loaded", "the rules of \(name) are still there",
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
            "\(name) can't list the rules it has loaded, so they can't be compared with the plan",
            help: "look with 'tproxy status', which tells whether the rules are as applied")
    }

    package static func noEBPF(at location: SourceLocation?) -> Diagnostic {
        .error(
            id: "no-such-backend", "this build has no eBPF backend", at: location,
            help: "leave ebpf.enabled off; the nft backend captures the same traffic")
    }

    static func unreadableBackend(
        _ name: String, _ reason: String, _ severity: Diagnostic.Severity = .warning
    ) -> Diagnostic {
        Diagnostic(
            severity, id: "unreadable-backend",
            "can't tell whether \(name) has rules of ours: \(reason)",
            help: "look with 'nft list ruleset'")
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
            help: "run 'tproxy apply --backend NAME' with the one that shall stay, or"
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
            case .passing, .lasting: "goes within a minute"
            }
        return .error(
            id: "address-not-kept",
            "\(alias), which the rules need for inbound IPv6 connections, \(state)",
            help: "run 'tproxy apply' again")
    }

    static func addressLeft(_ alias: LoopbackAlias) -> Diagnostic {
        .warning(
            id: "address-left", "\(alias) was added for rules that are gone",
            help: "'tproxy remove' takes it away")
    }

    static func addressNotLookedAt(because reason: String) -> Diagnostic {
        .warning(
            id: "address-left",
            "an address that no rules need may be left on the loopback interface: \(reason)",
            help: "'tproxy remove' or the next 'tproxy apply' looks again")
    }

    static func passedHolder(_ holder: LockHolder) -> Diagnostic {
        .warning(
            id: "stopped-holder",
            "not waiting for \(holder.words)",
            help: "it looks at the rules again when it is continued")
    }

    static func doubt(_ text: String) -> Diagnostic {
        .warning(id: "uncertain-fact", text)
    }

    static func notInstalled(_ instance: InstanceName) -> Diagnostic {
        .error(
            id: "not-installed", "nothing of instance '\(instance)' is installed here",
            help: "install it with 'tproxy apply'")
    }
}

extension DecodingError {
    /// What is wrong with a JSON document, and where in it.
    var words: String {
        switch self {
        case .dataCorrupted(let context) where context.codingPath.isEmpty: "it is not valid JSON"
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
