import Diagnostics

// Diagnostics about the arguments of `explain`.
extension Diagnostic {
    static func invalidPacket(
        _ field: String, _ value: String?, expected: String, at location: SourceLocation
    ) -> Diagnostic {
        .error(
            id: "invalid-packet",
            value.map { "'\($0)' is not a value for \(field)" }
                ?? "\(field) is missing or invalid",
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
            id: "repeated-packet-field", "'\(word)' repeats an earlier field", at: location,
            help: "write one packet as 'out tcp uid=1000 to=203.0.113.1:443'")
    }

    static func noPackets(_ name: String) -> Diagnostic {
        .error(
            id: "no-packets", "'\(name)' holds no packet",
            help: "write one a line, such as 'out tcp uid=1000 to=203.0.113.1:443'")
    }

    static func tooComplex() -> Diagnostic {
        .error(
            id: "too-complex", "the rules divide these packets into too many classes",
            help: "narrow the pattern with --to, --port, --uid, --proto or --direction")
    }
}
