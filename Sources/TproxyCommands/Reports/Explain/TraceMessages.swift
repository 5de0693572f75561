import Addressing
import RuleIR
import RuleTrace
import TproxyConfig

/// Describes packets and the rules that they met.
struct TraceMessages {
    private let words: RuleMessages
    /// The origins of keys; nil if the rules don't come from the configuration.
    private let origins: EffectiveConfiguration?

    init(_ rules: HookRules, config: TproxyConfig?) {
        words = RuleMessages(ruleset: Ruleset(instance: .mesh, families: [], sets: rules.sets))
        origins = config.map { EffectiveConfiguration($0) }
    }

    func step(_ step: Explanation.Step) -> PacketAnswer.Step {
        self.step(step.rule, key: step.key)
    }

    func step(_ rule: TracedRule) -> PacketAnswer.Step {
        step(rule, key: rule.rationale.key)
    }

    private func step(_ rule: TracedRule, key: String) -> PacketAnswer.Step {
        let (condition, action) = (condition(rule), action(rule))
        let reason = rule.rationale.reason
        return PacketAnswer.Step(
            place: rule.place, condition: condition, action: action,
            reason: reason.isEmpty ? "\(condition): \(action)" : reason, key: key,
            origin: key.isEmpty
                ? nil : origins.map { $0.origin(of: key)?.description ?? "default" })
    }

    /// Returns the condition that a packet meets for the rule.
    private func condition(_ rule: TracedRule) -> String {
        // The tool's own words, where there are none of ours for a condition.
        if !rule.conditions.isEmpty, let text = rule.text { return text }
        let known = words.condition(rule.matches)
        guard !rule.isComplete else { return known }
        return rule.matches.isEmpty ? "some packets" : "some packets that are \(known)"
    }

    /// Returns the action, such as `bypass` or `REDIRECTED to port 15001`.
    private func action(_ rule: TracedRule) -> String {
        action(rule.action, of: rule)
    }

    private func action(_ action: TracedAction, of rule: TracedRule) -> String {
        switch action {
        case .return: rule.isInBase ? "bypass" : "return"
        case .accept: "accepted"
        case .yieldToDockerDNS: "bypass, to Docker's DNS"
        case .jump(let name): "jump to \(name)"
        case .goto(let name): "goto \(name)"
        case .redirect(let port): "REDIRECTED to port \(port)"
        case .translate(nil, nil): "SENT to a destination that the listing doesn't show"
        case .translate(let address, let port):
            "SENT to \(address.map { "\($0)" } ?? "") \(port.map { "port \($0)" } ?? "")"
        case .oneOf(let actions):
            "one of " + actions.map { self.action($0, of: rule) }.joined(separator: ", ")
        case .drop: "DROPPED"
        case .log(let text): "logged as \(text)"
        case .conntrackZone(let zone, _): "conntrack zone \(zone)"
        case .aside(let text): text
        case .unknown(let text): "UNKNOWN: \(text)"
        }
    }

    static func sentence(_ packet: Packet) -> String {
        var parts = [
            packet.direction == .outgoing ? "outgoing" : "incoming", packet.transport.rawValue,
            "from \(packet.source)\(packet.sourcePort.map { " port \($0)" } ?? "")",
            "to \(packet.destination) port \(packet.destinationPort)",
            packet.direction == .outgoing ? "via \(packet.interface)" : "on \(packet.interface)",
        ]
        if packet.direction == .outgoing {
            parts.append(packet.owner.map { "of UID \($0)" } ?? "without a socket")
        }
        return parts.joined(separator: " ")
    }
}
