import Addressing
import RuleIR
import RulesetDiff
import Testing

@Suite struct PrecedingRuleTests {
    private static let ours = HookAttachment(type: "nat", hook: .output, priority: -101)

    private func chain(
        _ family: LoadedChain.Family, _ type: String, _ hook: LoadedChain.Hook, _ priority: Int
    ) -> LoadedChain {
        LoadedChain(
            engine: .nftables, family: family, table: "other", name: "c",
            base: .init(type: type, hook: hook, priority: priority))
    }

    @Test func aNATChainThatRunsBeforeOursIsReported() {
        let planned = RulesetDiffTests.rules([], attachment: Self.ours)
        let before = chain(.ip, "nat", .output, -110)
        let equal = chain(.inet, "nat", .output, -101)
        let chains = [
            before, equal, chain(.inet, "nat", .output, -100),
            chain(.inet, "nat", .prerouting, -110),
            chain(.inet, "filter", .output, -300),
        ]
        #expect(
            PrecedingRule.all(before: planned, loaded: nil, chains: chains)
                == [.chain(before, before: "c"), .chain(equal, before: "c")])
    }

    @Test func aForeignRuleBeforeOursIsReported() throws {
        var planned = RulesetDiffTests.rules(
            try [1, 2, 3].map { try RulesetDiffTests.rule($0) })
        planned.tables[0].chains[0].insertedCount = 2
        var loaded = planned
        let first = ForeignRule(text: "first", entriesBefore: 0)
        let second = ForeignRule(text: "second", entriesBefore: 2)
        loaded.tables[0].chains[0].foreign = [first, second]
        #expect(
            PrecedingRule.all(before: planned, loaded: loaded, chains: [])
                == [.rule(first, table: "inet t", chain: "c")])
    }
}
