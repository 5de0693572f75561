package import Addressing
import RuleIR

/// What the rules do with a packet, and why.
package struct Explanation: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        /// The packet goes to this port of the local host instead.
        case redirected(to: Port)
        /// The packet goes to another address, port or both; nil is what it had.
        case translated(to: IPAddress?, Port?)
        /// A rule lets the packet go where it was going.
        case exempt
        /// No rule is about the packet; it goes where it was going.
        case untouched
        case dropped

        /// Whether the packet goes elsewhere.
        var isTranslation: Bool {
            switch self {
            case .redirected, .translated: true
            case .exempt, .untouched, .dropped: false
            }
        }
    }

    /// A rule that the packet met.
    package struct Step: Hashable, Sendable {
        package var rule: TracedRule
        /// The configuration path of the list item that the packet was found in, if any.
        package var member: String?

        package init(rule: TracedRule, member: String?) {
            self.rule = rule
            self.member = member
        }

        /// The configuration path to name: the list item, or the key of the rule.
        package var key: String { member ?? rule.rationale.key }
    }

    package var packet: Packet
    package var outcome: Outcome
    /// The rules whose matches all held, in the order in which the packet met them.
    package var steps: [Step]
    /// The rule that settled the outcome; nil when none did.
    package var decisive: Step?
    /// Rules on the way of which nobody can say whether the packet met them, or what they did.
    ///
    /// The outcome is right if none of them touches the packet. Empty for rulesets of ours.
    package var doubts: [TracedRule]
    /// The conntrack zone that the packet's connection is looked up in.
    package var conntrackZone: UInt16

    package init(
        packet: Packet, outcome: Outcome, steps: [Step], decisive: Step?,
        doubts: [TracedRule] = [], conntrackZone: UInt16
    ) {
        self.packet = packet
        self.outcome = outcome
        self.steps = steps
        self.decisive = decisive
        self.doubts = doubts
        self.conntrackZone = conntrackZone
    }
}
