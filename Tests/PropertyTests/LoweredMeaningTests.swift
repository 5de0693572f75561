import Addressing
import IptablesRules
import Rehearsal
import RuleIR
import RuleTrace
import Testing
import TproxyTestSupport

@testable import NftablesBackend

/// What a backend loads does to every packet what the ruleset says.
@Suite struct LoweredMeaningTests {
    @Test func randomRulesetHasTheSameOutcomesInNftables() throws {
        let random = SeededGenerator.forTest()
        var maker = RandomRuleset(random)
        var negations = 0
        var stages: Set<Stage> = []
        for _ in 0..<1000 {
            var ruleset = maker.ruleset()
            // Only iptables has it in regular chains.
            for chain in ruleset.chains.indices {
                ruleset.chains[chain].rules.removeAll { $0.action == .yieldToDockerDNS }
            }
            let table = NftTable(ruleset)
            stages.formUnion(ruleset.chains.filter { !$0.rules.isEmpty }.map(\.stage))
            negations += table.chains.count { $0.name.contains("_not_uid_") }
            let found = ListedHookRules(
                [.init(ListedRules(table), zonesEnd: true)], loopback: .loopback)
            try Self.expect(found, toMean: ruleset, for: &maker, random.seed)
        }
        #expect(negations > 100)
        #expect(stages == Set(Stage.allCases))
    }
}

extension LoweredMeaningTests {
    /// Compares the outcomes of 40 random packets.
    private static func expect(
        _ found: ListedHookRules, toMean ruleset: Ruleset, for maker: inout RandomRuleset,
        _ seed: UInt64
    ) throws {
        try #require(found.inexpressible == [], "TPROXY_TEST_SEED=\(seed)")
        let wanted = RuleTrace(ruleset)
        let loaded = RuleTrace(found.rules)
        for _ in 0..<40 {
            let packet = maker.packet()
            let expected = wanted.explain(packet)
            let explanation = loaded.explain(packet)
            try #require(
                explanation.outcome.isLike(expected.outcome)
                    && explanation.conntrackZone == expected.conntrackZone,
                "TPROXY_TEST_SEED=\(seed) \(packet) \(ruleset)")
        }
    }

    /// Each family's tables are those of the stages.
    @Test func aRandomRulesetMeansTheSameInIptables() throws {
        let random = SeededGenerator.forTest()
        var maker = RandomRuleset(random)
        for _ in 0..<500 {
            var ruleset = maker.ruleset()
            for base in ruleset.baseChains.indices {
                ruleset.baseChains[base].first.removeAll { !$0.isForIptables }
                ruleset.baseChains[base].last.removeAll { !$0.isForIptables }
            }
            for chain in ruleset.chains.indices {
                ruleset.chains[chain].rules.removeAll { !$0.isForIptables }
            }
            let tables = AddressFamily.allCases.flatMap { family in
                ReadBack.tables(FamilyLowering.tables(of: ruleset, family), family)
            }
            let found = ListedHookRules(
                [.init(ListedRules(tables), zonesEnd: false)], loopback: .loopback)
            try Self.expect(found, toMean: ruleset, for: &maker, random.seed)
        }
    }
}

extension Rule {
    /// Docker's chain isn't among the rules, iptables has no negated list of sources, and a listing with an
    /// option twice in a rule isn't read.
    fileprivate var isForIptables: Bool {
        guard action != .yieldToDockerDNS else { return false }
        let options = matches.flatMap { match -> [String] in
            switch match {
            case .source(let test):
                if case .set = test.addresses, test.isNegated { ["-s", "-s"] } else { ["-s"] }
            case .destination: ["-d"]
            case .sourcePort: ["--sport"]
            case .destinationPort: ["--dport"]
            case .ownedFlow: ["--dport", "--uid-owner"]
            case .owner: ["--uid-owner"]
            case .inputInterface: ["-i"]
            case .outputInterface: ["-o"]
            case .family, .transport, .connectionState: []
            }
        }
        return Set(options).count == options.count
    }
}

extension Explanation.Outcome {
    /// Whether a packet ends at the same place; nftables may have further rules that only return.
    fileprivate func isLike(_ other: Explanation.Outcome) -> Bool {
        func place(_ outcome: Explanation.Outcome) -> Explanation.Outcome {
            outcome == .bypassed ? .untouched : outcome
        }
        return place(self) == place(other)
    }
}
