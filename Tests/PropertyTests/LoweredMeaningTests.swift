import Rehearsal
import RuleIR
import RuleTrace
import Testing
import TproxyTestSupport

@testable import NftablesBackend

/// The lowered table treats every packet as the ruleset says.
@Suite struct LoweredMeaningTests {
    @Test func randomRulesetHasTheSameOutcomesInNftables() throws {
        let random = SeededGenerator.forTest()
        var maker = RandomRuleset(random)
        var negations = 0
        for _ in 0..<1000 {
            var ruleset = maker.ruleset()
            // Only iptables has it in regular chains.
            for chain in ruleset.chains.indices {
                ruleset.chains[chain].rules.removeAll { $0.action == .yieldToDockerDNS }
            }
            let table = NftTable(ruleset)
            negations += table.chains.count { $0.name.contains("_not_uid_") }
            let found = ListedHookRules(
                [.init(ListedRules(table), zonesEnd: true)], loopback: .loopback)
            try #require(found.inexpressible == [], "TPROXY_TEST_SEED=\(random.seed)")
            let wanted = RuleTrace(ruleset)
            let loaded = RuleTrace(found.rules)
            for _ in 0..<40 {
                let packet = maker.packet()
                let expected = wanted.explain(packet)
                let explanation = loaded.explain(packet)
                try #require(
                    explanation.outcome.isLike(expected.outcome)
                        && explanation.conntrackZone == expected.conntrackZone,
                    "TPROXY_TEST_SEED=\(random.seed) \(packet) \(ruleset)")
            }
        }
        #expect(negations > 100)
    }
}

extension Explanation.Outcome {
    /// Whether a packet ends at the same place; nftables may have further rules that only return.
    fileprivate func isLike(_ other: Explanation.Outcome) -> Bool {
        func place(_ outcome: Explanation.Outcome) -> Explanation.Outcome {
            outcome == .exempt ? .untouched : outcome
        }
        return place(self) == place(other)
    }
}
