package import Addressing
import RuleIR

/// The outcome of a packet under the rules, with the rules that lead to it.
package struct Explanation: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        /// The destination of the packet is now this port of the local host.
        case redirected(to: Port)
        /// The destination is now this address and port; nil leaves that part unchanged.
        ///
        /// Nil for both is a destination that the listing doesn't show.
        case translated(to: IPAddress?, Port?)
        /// A rule lets the packet keep its destination.
        case bypassed
        /// No rule decides; the packet keeps its destination.
        case untouched
        case dropped

        /// Whether the destination changes.
        var isTranslation: Bool {
            switch self {
            case .redirected, .translated: true
            case .bypassed, .untouched, .dropped: false
            }
        }
    }

    /// A rule whose matches held for the packet.
    package struct Step: Hashable, Sendable {
        package var rule: TracedRule
        /// The configuration path of the list item that the packet matched, if any.
        package var member: String?

        package init(rule: TracedRule, member: String?) {
            self.rule = rule
            self.member = member
        }

        /// The configuration path to report: the list item, or the key of the rule.
        package var key: String { member ?? rule.rationale.key }
    }

    /// An outcome, with the rule that decides it.
    package struct Alternative: Hashable, Sendable {
        package var outcome: Outcome
        package var decisive: Step?

        package init(outcome: Outcome, decisive: Step?) {
            self.outcome = outcome
            self.decisive = decisive
        }
    }

    package var packet: Packet
    package var outcome: Outcome
    /// The other outcomes, if the kernel chooses at random; empty for our own rulesets.
    package var alternatives: [Alternative] = []
    /// The rules whose matches all held, in the order of evaluation.
    package var steps: [Step]
    /// The rule that decided the outcome; nil if none did.
    package var decisive: Step?
    /// Rules for which it is unknown whether the packet matches them, or what they do.
    ///
    /// The outcome is correct unless one of them affects the packet. Empty for our own rulesets.
    package var doubts: [TracedRule]
    /// The conntrack zone in which the packet's connection is looked up.
    package var conntrackZone: UInt16
    /// Whether the chains at the hooks after the first were evaluated as well.
    package var isFollowed: Bool
    /// Whether every random choice of the kernel was followed.
    package var isExhaustive = true

    package init(
        packet: Packet, outcome: Outcome, steps: [Step], decisive: Step?,
        doubts: [TracedRule] = [], conntrackZone: UInt16, isFollowed: Bool = false
    ) {
        self.packet = packet
        self.outcome = outcome
        self.steps = steps
        self.decisive = decisive
        self.doubts = doubts
        self.conntrackZone = conntrackZone
        self.isFollowed = isFollowed
    }
    /// Adds what would happen with other random choices.
    mutating func add(_ other: Explanation) {
        let alternative = Alternative(outcome: other.outcome, decisive: other.decisive)
        if other.outcome != outcome, !alternatives.contains(where: { $0.outcome == other.outcome })
        {
            alternatives.append(alternative)
        }
        for rule in other.doubts where !doubts.contains(rule) { doubts.append(rule) }
        isFollowed = isFollowed && other.isFollowed
    }
}
