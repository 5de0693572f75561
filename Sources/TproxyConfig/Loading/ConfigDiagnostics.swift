package import Diagnostics

// Errors and warnings about a whole configuration; one function for each message.
extension Diagnostic {
    static func unknownKey(
        _ path: String, at origin: Origin, near: String?, isAllowed: Bool
    ) -> Diagnostic {
        Diagnostic(
            isAllowed ? .warning : .error, id: "unknown-key", "unknown key '\(path)'",
            at: origin.location,
            help: near.map { "did you mean '\($0)'?" }
                ?? "see 'tproxy config schema', or pass --allow-unknown-keys")
    }

    static func repeatedKey(_ path: String, at origin: Origin) -> Diagnostic {
        .error(
            id: "repeated-key", "key '\(path)' is given twice", at: origin.location,
            help: "keep one of the two")
    }

    static func wrongKind(
        _ path: String, _ kind: String, expected: String, at origin: Origin
    ) -> Diagnostic {
        .error(
            id: "wrong-type", "'\(path)' is \(kind)", at: origin.location,
            help: "give \(expected)")
    }

    static func environmentOnly(_ path: String, variable: String, at origin: Origin) -> Diagnostic {
        .error(
            id: "environment-only", "'\(path)' can't be set in a file", at: origin.location,
            help: "set the environment variable \(variable)")
    }

    static func unknownVariable(_ name: String, at origin: Origin, near: String?) -> Diagnostic {
        .warning(
            id: "unknown-variable", "unknown environment variable '\(name)'",
            at: origin.location,
            help: near.map { "did you mean '\($0)'?" } ?? "see docs/configuration.md for the names")
    }

    static func bothDNSFlags(at origin: Origin) -> Diagnostic {
        .error(
            id: "conflicting-flags",
            "--redirect-dns and --redirect-all-dns-traffic are both given", at: origin.location,
            help: "keep --redirect-all-dns-traffic, which turns redirection on as well")
    }

    static func deprecatedFlag(_ name: String, advice: String, at origin: Origin) -> Diagnostic {
        .warning(
            id: "deprecated-flag", "\(name) is deprecated", at: origin.location, help: advice)
    }

    /// Warns about `--config-file`, the name of `--config` in Kuma 2.9.
    package static func deprecatedConfigFile() -> Diagnostic {
        .warning(
            id: "deprecated-flag", "--config-file is deprecated", help: "write --config instead")
    }

    /// Warns about a configuration that is the value of `--config` itself, as in Kuma 2.9 and 2.10.
    package static func inlineConfiguration() -> Diagnostic {
        .warning(
            id: "inline-configuration", "the value of --config is a configuration, not a path",
            help: "write it to a file, or pass it by standard input with --config -")
    }

    static func inboundOwners(at origin: Origin) -> Diagnostic {
        .warning(
            id: "inbound-owner",
            "redirect.inbound.excludePortsForUIDs applies to this host's own processes only",
            at: origin.location,
            notes: ["a packet that arrives from another host has no owner"],
            help: "to exclude a port for all sources, use redirect.inbound.excludePorts")
    }

    static func incompleteExecutables(_ missing: String, at origin: Origin) -> Diagnostic {
        .warning(
            id: "incomplete-executables", "iptablesExecutables lacks \(missing)",
            at: origin.location,
            help:
                "give the program, its -save and its -restore together; tproxy searches for this one"
        )
    }

    static func sameChainName(_ name: String, at origin: Origin) -> Diagnostic {
        .error(
            id: "repeated-chain-name", "two chains are named '\(name)'", at: origin.location,
            help: "choose four names that differ in more than letter case")
    }
}
