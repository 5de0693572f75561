import Addressing
import RuleIR
import RuleTrace
import TproxyConfig

/// What `explain` says.
struct ExplainReport: JSONReport {
    static let schema = "tproxy.explain/1"

    struct Step: Encodable {
        var place: String
        var condition: String
        var action: String
        var reason: String
        var key: String
        /// Where the user set the key, or that it is at its default.
        var origin: String
    }

    var packet: String
    /// `redirected`, `exempt`, `untouched` or `dropped`.
    var outcome: String
    var port: UInt16?
    var conntrackZone: UInt16
    var deciding: Step?
    var steps: [Step]

    init(_ explanation: Explanation, ruleset: Ruleset, config: TproxyConfig) {
        let words = RuleWords(ruleset: ruleset)
        let origins = EffectiveConfiguration(config)
        func step(_ step: Explanation.Step) -> Step {
            let isBase: Bool
            if case .chain = step.location.list { isBase = false } else { isBase = true }
            return Step(
                place: "\(step.location)", condition: words.condition(step.rule.matches),
                action: words.action(step.rule, isBase: isBase).text,
                reason: step.rule.rationale.reason, key: step.key,
                origin: origins.origin(of: step.key)?.description ?? "default")
        }
        packet = Self.words(explanation.packet)
        switch explanation.outcome {
        case .redirected(let port):
            outcome = "redirected"
            self.port = port.number
        case .exempt: outcome = "exempt"
        case .untouched: outcome = "untouched"
        case .dropped: outcome = "dropped"
        }
        conntrackZone = explanation.conntrackZone
        deciding = explanation.decisive.map(step)
        steps = explanation.steps.map(step)
    }

    var text: String {
        var lines = ["packet    \(packet)", "outcome   \(outcomeWords)"]
        if let deciding {
            lines.append("because   \(deciding.reason) (\(deciding.place))")
            lines.append("key       \(deciding.key), \(deciding.origin)")
        } else {
            lines.append("because   no rule is about it")
        }
        if conntrackZone != 0 {
            lines.append("zone      conntrack zone \(conntrackZone)")
        }
        if !steps.isEmpty {
            lines += ["", "rules it met"]
        }
        for (index, step) in steps.enumerated() {
            lines.append("  \(index + 1). \(step.place)")
            lines.append("     \(step.condition): \(step.action)")
            lines.append("     \(step.reason) [\(step.key)]")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var outcomeWords: String {
        switch outcome {
        case "redirected": "redirected to port \(port.map { "\($0)" } ?? "?") of this host"
        case "exempt": "exempt: it goes where it was going"
        case "dropped": "dropped"
        case _: "untouched: it goes where it was going"
        }
    }

    private static func words(_ packet: Packet) -> String {
        var parts = [
            packet.direction == .outgoing ? "outgoing" : "incoming", packet.transport.rawValue,
            "from \(packet.source)\(packet.sourcePort.map { " port \($0)" } ?? "")",
            "to \(packet.destination) port \(packet.destinationPort)",
            packet.direction == .outgoing ? "via \(packet.interface)" : "on \(packet.interface)",
        ]
        if packet.direction == .outgoing {
            parts.append(packet.owner.map { "of user \($0)" } ?? "without a socket")
        }
        return parts.joined(separator: " ")
    }
}
