import Diagnostics
import FirewalldExporter

// What `explain` says of what it is asked about.
extension Diagnostic {
    static func invalidPacket(
        _ field: String, _ value: String?, expected: String, at location: SourceLocation
    ) -> Diagnostic {
        .error(
            id: "invalid-packet",
            value.map { "'\($0)' is not a value for \(field)" }
                ?? "\(field) is missing or not right",
            at: location, help: "give \(expected)")
    }

    static func unknownPacketField(
        _ name: String, known: [String], at location: SourceLocation
    ) -> Diagnostic {
        let nearest = nearestName(to: name, among: known)
        return .error(
            id: "unknown-packet-field", "a packet has no field '\(name)'", at: location,
            help: nearest.map { "did you mean '\($0)'?" }
                ?? "use \(known.joined(separator: ", "))")
    }

    static func repeatedPacketField(_ word: String, at location: SourceLocation) -> Diagnostic {
        .error(
            id: "repeated-packet-field", "'\(word)' says again what was said before", at: location,
            help: "write one packet as 'out tcp uid=1000 to=203.0.113.1:443'")
    }

    static func noPackets(_ name: String) -> Diagnostic {
        .error(
            id: "no-packets", "'\(name)' holds no packet",
            help: "write one a line, such as 'out tcp uid=1000 to=203.0.113.1:443'")
    }

    static func tooComplex() -> Diagnostic {
        .error(
            id: "too-complex", "the rules tell too many kinds of these packets apart",
            help: "narrow the packets down with --to, --port, --uid, --proto or --direction")
    }

    static func unreadableRuleset(_ name: String, because reason: String) -> Diagnostic {
        .error(
            id: "unreadable-ruleset", "'\(name)' can't be read as rules: \(reason)",
            help: "write it with 'iptables-save', 'ip6tables-save' or 'nft -j list ruleset'")
    }

    static func unknownRulesetFormat(_ name: String) -> Diagnostic {
        .error(
            id: "unknown-ruleset-format", "'\(name)' holds no rules in a form that is known",
            help: "give the output of iptables-save or 'nft -j list ruleset', or a direct.xml")
    }

    static func assumedFamily(_ name: String, table: String) -> Diagnostic {
        .warning(
            id: "assumed-family",
            "'\(name)' doesn't say whether its table '\(table)' is of IPv4 or IPv6; taking IPv4",
            help: "keep the comment that iptables-save and ip6tables-save print before it")
    }

    static func tiedChains() -> Diagnostic {
        .warning(
            id: "tied-chains", "two chains have the same hook and priority",
            notes: ["the one listed later is taken to run first, as the kernel has it"])
    }

    static func malformedDirectRules(_ name: String, _ problem: DirectFileProblem) -> Diagnostic {
        let place = problem.place
        return .error(
            id: "unreadable-ruleset", "'\(name)' is no direct.xml that firewalld could read",
            at: SourceLocation(
                source: name, line: place.line, column: place.column,
                excerpt: .init(line: place.text, column: place.column, length: 1)),
            help: "mend it here")
    }

    static func directRulesAlone(_ name: String) -> Diagnostic {
        Diagnostic(
            .note, id: "direct-rules-alone",
            "'\(name)' holds direct rules alone; firewalld's own rules aren't in it",
            help: "for all rules of the host, give what 'nft -j list ruleset' prints")
    }
}
