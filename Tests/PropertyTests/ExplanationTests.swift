import Addressing
import Rehearsal
import RuleTrace
import Testing
import TproxyTestSupport

/// Every packet has an outcome, and answers about all packets hold for each.
@Suite struct ExplanationTests {
    @Test func everyPacketHasAnOutcomeWithoutDoubts() {
        GeneratedPlans.each(300) { plan, seed in
            let trace = RuleTrace(plan.ruleset)
            for path in plan.paths(30, seed: seed) {
                for packet in Self.variants(path.packet) {
                    let explanation = trace.explain(packet)
                    try Broken.unlessEqual(explanation.packet, packet, "packet")
                    try Broken.unlessEqual(explanation.doubts, [], "\(packet)")
                    try Broken.unlessEqual(
                        explanation.decisive == nil, explanation.outcome == .untouched,
                        "\(packet) without a rule")
                }
            }
        }
    }

    /// The packet, and variants that no rehearsal can send.
    private static func variants(_ packet: Packet) -> [Packet] {
        var ownerless = packet
        ownerless.owner = nil
        var invalid = packet
        invalid.connectionState = .invalid
        var answer = packet
        answer.connectionState = .established
        answer.sourcePort = .dns
        var reversed = packet
        swap(&reversed.source, &reversed.destination)
        return [packet, ownerless, invalid, answer, reversed]
    }

    @Test func everyPacketHasTheOutcomeOfItsRegion() {
        GeneratedPlans.each(40) { plan, seed in
            let trace = RuleTrace(plan.ruleset)
            let packets = plan.paths(60, seed: seed).map(\.packet)
            let found = try trace.disagreementsOfRegions(
                on: plan.localAddresses, with: packets)
            try Broken.unlessEqual(found, [], "regions")
        }
    }
}
