import Addressing
import RuleIR
import RuleTrace

/// Invariants of rules that were read from any source.
enum ListedRulesInvariants {
    /// The evaluation of a packet ends, whatever the rules.
    static func check(_ found: ListedRules) throws {
        let hooks = ListedHookRules([.init(found, zonesEnd: false)], loopback: .loopback)
        let trace = RuleTrace(hooks.rules)
        for packet in packets {
            let explanation = trace.explain(packet)
            try promise(
                explanation.steps.count <= maximumSteps, "the evaluation of a packet does not end")
        }
    }

    /// More steps than any packet takes.
    private static let maximumSteps = 10_000

    private static let packets: [Packet] = AddressFamily.allCases.flatMap { family in
        [Packet.Direction.outgoing, .incoming].map { direction in
            Packet(
                direction: direction, transport: .tcp,
                owner: direction == .outgoing ? .arbitrary : nil,
                source: .unspecified(family), sourcePort: nil,
                destination: .documentation(family), destinationPort: .web, interface: .ethernet)
        }
    }
}
