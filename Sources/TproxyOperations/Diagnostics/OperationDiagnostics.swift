package import Diagnostics
import LinuxHost
import RuleIR

// Diagnostics that no other module creates; one function for each message.
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

    /// The backend can't list its rules.
    static func cannotList(_ name: String) -> Diagnostic {
        .error(
            id: "cannot-list",
            "\(name) can't list its loaded rules, so tproxy can't compare them with the plan",
            help: "run 'tproxy status', which reports whether the rules are intact")
    }

    /// `subject` doesn't load eBPF programs.
    package static func noEBPF(_ subject: String, at location: SourceLocation?) -> Diagnostic {
        .error(
            id: "no-ebpf", "\(subject) can't use eBPF", at: location,
            help: "leave ebpf.enabled off; the nft backend redirects the same traffic")
    }

    static func noScript(_ backend: String) -> Diagnostic {
        .error(
            id: "no-script", "no shell script can load the programs of \(backend)",
            help: "run 'tproxy plan', or use --backend nft")
    }

    static func contradictsEBPF(_ backend: String, at location: SourceLocation?) -> Diagnostic {
        .error(
            id: "backend-conflict", "--backend \(backend) contradicts ebpf.enabled", at: location,
            help: "leave one of them out")
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

    /// Reported by `status` after an interrupted move.
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

    /// The warning of `status` about a prerequisite that is missing or about to expire.
    static func prerequisiteNotKept(
        _ prerequisite: HostPrerequisite, _ standing: HostPrerequisite.Standing
    ) -> Diagnostic {
        let state =
            switch standing {
            case .missing: "is missing"
            case .passing, .lasting: "expires within a minute"
            }
        let help = "run 'tproxy apply' again"
        return switch prerequisite {
        case .address(let address):
            .error(
                id: "address-not-kept",
                "\(address), which the rules need for inbound IPv6 connections, \(state)",
                help: help)
        }
    }

    static func prerequisiteLeft(_ prerequisite: HostPrerequisite) -> Diagnostic {
        switch prerequisite {
        case .address(let address):
            .warning(
                id: "address-left", "\(address) was added for rules that are no longer loaded",
                help: "'tproxy remove' deletes it")
        }
    }

    static func prerequisitesNotLookedAt(because reason: String) -> Diagnostic {
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
    /// The error in a JSON document, with its place.
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

/// The diagnostics of an operation that was refused or failed: errors and related messages.
///
/// Nothing was changed, unless a diagnostic says so.
package struct OperationFailure: Error {
    package var diagnostics: [Diagnostic]

    package init(_ diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics
    }

    package init(_ diagnostic: Diagnostic) {
        diagnostics = [diagnostic]
    }
}
