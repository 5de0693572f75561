import Addressing
import RuleIR
import RuleTrace

/// What holds for rules that were read from anywhere.
enum ListedRulesInvariants {
    /// A packet's way through them ends, whatever they say.
    static func check(_ found: ListedRules) throws {
        let hooks = ListedHookRules([.init(found, zonesEnd: false)], loopback: .loopback)
        let trace = RuleTrace(hooks.rules)
        for packet in packets {
            let explanation = trace.explain(packet)
            try promise(
                explanation.steps.count <= maximumSteps, "a packet's way has no end")
        }
    }

    /// More than any packet meets.
    private static let maximumSteps = 10_000

    private static let packets: [Packet] = AddressFamily.allCases.flatMap { family in
        [Packet.Direction.outgoing, .incoming].map { direction in
            Packet(
                direction: direction, transport: .tcp,
                owner: direction == .outgoing ? .nobodyInParticular : nil,
                source: .unspecified(family), sourcePort: nil,
                destination: .documentation(family), destinationPort: .web, interface: .ethernet)
        }
    }
}
