import Addressing
package import Diagnostics
import RuleIR
import RuleTrace

// Diagnostics about assertions.
extension Diagnostic {
    static func noAssertions(_ name: String) -> Diagnostic {
        .error(
            id: "no-assertions", "'\(name)' holds no assertion",
            help: "write one a line, such as 'incoming tcp to port 22: not redirected'")
    }

    static func assertionTooComplex(_ assertion: Assertion) -> Diagnostic {
        .error(
            id: "too-complex", "the rules divide these packets into too many classes",
            at: assertion.location, help: "assert less in one line: a port, an address or a UID")
    }

    static func notJUnit(_ path: String) -> Diagnostic {
        .error(
            id: "foreign-file", "'\(path)' is not a file that 'tproxy assert --junit' wrote",
            help: "name another file, or remove this one")
    }

    static func dormantRules() -> Diagnostic {
        .warning(
            id: "dormant-rules", "the kernel runs none of the loaded rules (flags dormant)",
            help: "run 'tproxy apply'")
    }

    /// Returns the reason why an assertion isn't proved; nil if it is.
    package static func unproved(_ result: AssertionCheck.Result) -> Diagnostic? {
        let text = result.assertion.text
        let location = result.assertion.location
        switch result.proof {
        case .proved: return nil
        case .refuted(let explanation):
            return .error(
                id: "assertion-refuted", "the plan breaks '\(text)'", at: location,
                notes: [explanation.counterexample] + explanation.cause,
                help: "change the configuration, or correct the assertion")
        case .unknown(let explanation):
            return .error(
                id: "assertion-unproved", "'\(text)' can't be proved", at: location,
                notes: ["rules of unknown effect may match such as: \(explanation.packetText)"],
                help: "narrow the packets, so that they don't meet these rules")
        case .empty:
            return .error(
                id: "assertion-empty", "no packet of this host has the pattern of '\(text)'",
                at: location,
                help: "check the interface: packets to this host's addresses leave through loopback"
            )
        }
    }
}

extension Explanation {
    /// The packet and what happens to it instead.
    fileprivate var counterexample: String {
        let printer = PatternText()
        let zone = conntrackZone == 0 ? "" : ", " + printer.text(Treatment.zone(conntrackZone))
        return "\(packetText) is \(printer.text(treatment))\(zone)"
    }

    fileprivate var cause: [String] {
        guard let decisive else { return ["no rule matches it"] }
        let key = decisive.key.isEmpty ? "" : " [\(decisive.key)]"
        return ["decided by \(decisive.rule.place): \(decisive.rule.rationale.reason)\(key)"]
    }

    fileprivate var packetText: String {
        let owner = packet.direction == .outgoing ? packet.owner.map { " of UID \($0)" } ?? "" : ""
        let place = packet.direction == .outgoing ? "via" : "on"
        return "\(packet.direction.rawValue) \(packet.transport.rawValue)\(owner)"
            + " from \(packet.source) to \(packet.destination) port \(packet.destinationPort)"
            + " \(place) \(packet.interface)"
    }
}
