package import Addressing
package import RuleIR

/// What the rules do with a packet, and why.
package struct Explanation: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        /// The packet goes to this port of the local host instead.
        case redirected(to: Port)
        /// A rule lets the packet go where it was going.
        case exempt
        /// No rule of ours is about the packet; it goes where it was going.
        case untouched
        case dropped
    }

    /// A rule that the packet met.
    package struct Step: Hashable, Sendable {
        package var location: RuleLocation
        package var rule: Rule
        /// The configuration path of the list item that the packet was found in, if any.
        package var member: String?

        package init(location: RuleLocation, rule: Rule, member: String?) {
            self.location = location
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
    /// The conntrack zone that the packet's connection is looked up in.
    package var conntrackZone: UInt16

    package init(
        packet: Packet, outcome: Outcome, steps: [Step], decisive: Step?, conntrackZone: UInt16
    ) {
        self.packet = packet
        self.outcome = outcome
        self.steps = steps
        self.decisive = decisive
        self.conntrackZone = conntrackZone
    }
}
