import Addressing
import CMnl
import Rehearsal
import RuleIR
import Testing
import TproxyTestSupport

@testable import NftablesBackend

/// Rules in the kernel's form are read as the planned ones.
@Suite struct LoadedTableReadingTests {
    /// The rules in the kernel after the table was loaded.
    private static func loaded(_ planned: PlannedTable) -> ListedRules {
        let table = planned.table
        let rules = table.chains.flatMap { chain in
            chain.rules.map { rule in
                KernelTable.Rule(
                    chain: chain.name, comment: rule.comment, expressions: sent(rule), count: nil)
            }
        }
        let kernel = KernelTable(
            flags: 0,
            chains: table.chains.map {
                KernelTable.Chain(name: $0.name, base: $0.base)
            }, rules: rules,
            sets: table.sets.map {
                KernelTable.Set(
                    name: $0.name, keyType: $0.keyType, keyLength: $0.keyLength, flags: $0.flags,
                    extras: [])
            })
        return ListedRules(kernel, named: table.name, sets: planned.canonical.sets)
    }

    private static func words(_ rule: NftRule) -> [UInt32] {
        var writer = MessageWriter()
        rule.write(in: "t", "c", to: &writer)
        return writer.words
    }

    private static func expressions(in words: [UInt32]) -> [ListedExpression] {
        AttributeList(words[...])[NFTA_RULE_EXPRESSIONS].map { list in
            list.nested.map { ListedExpression($0) }
        } ?? []
    }

    /// The expressions of a rule, written and read.
    private static func sent(_ rule: NftRule) -> [ListedExpression] { expressions(in: words(rule)) }

    private func expectSame(_ ruleset: Ruleset, _ note: Comment = "") throws {
        let planned = PlannedTable(NftTable(ruleset))
        let found = try #require(Self.loaded(planned).tables.first, note)
        let expected = try #require(ListedRules(planned.table).tables.first, note)
        #expect(found.chains.map(\.name) == expected.chains.map(\.name), note)
        for (chain, expected) in zip(found.chains, expected.chains) {
            #expect(chain.attachment == expected.attachment, note)
            #expect(chain.entries.count == expected.entries.count, note)
            for (entry, expected) in zip(chain.entries, expected.entries) {
                #expect(Self.withoutOrder(entry) == Self.withoutOrder(expected), note)
            }
        }
        #expect(RulesetSets(found) == RulesetSets(expected), note)
    }

    /// The kernel compares two ports of a rule at once, the source port first.
    private static func withoutOrder(_ entry: ListedEntry) -> ListedEntry {
        guard case .readable(var rule) = entry else { return entry }
        rule.matches.sort { "\($0)" < "\($1)" }
        return .readable(rule)
    }

    private struct RulesetSets: Equatable {
        var sets: [String: ListedSet]

        init(_ table: ListedTable) {
            sets = Dictionary(table.sets.map { ($0.name, $0) }) { first, _ in first }
        }
    }

    @Test(arguments: Scenario.all)
    func loadedRulesOfEveryScenarioReadAsPlanned(scenario: Scenario) throws {
        try expectSame(scenario.compile().ruleset)
    }

    @Test func loadedRulesOfRandomRulesetsReadAsPlanned() throws {
        let random = SeededGenerator.forTest()
        var maker = RandomRuleset(random)
        for _ in 0..<200 {
            try expectSame(maker.ruleset(), "TPROXY_TEST_SEED=\(random.seed)")
        }
    }

    /// A rule of arbitrary bytes is read as a rule.
    @Test func rulesWithChangedBytesAreStillRead() throws {
        var random = SeededGenerator.forTest()
        let scenario = try #require(Scenario.all.first { $0.name == "everything" })
        let table = NftTable(try scenario.compile().ruleset)
        let rules = table.chains.flatMap(\.rules)
        let sets = LoadedSets([], [:])
        for rule in rules {
            for _ in 0..<100 {
                var words = Self.words(rule)
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let place = Int.random(in: words.indices, using: &random)
                    words[place] ^= 1 << UInt32.random(in: 0..<32, using: &random)
                }
                let expressions = Self.expressions(in: words)
                let statements = StatementReader(expressions, sets).statements
                let entry = RuleReader(["expr": .array(statements)]).entry
                guard case .native(let native) = entry, !statements.isEmpty else { continue }
                let isCounted = statements.allSatisfy { $0["counter"] != nil }
                #expect(
                    !native.text.isEmpty || isCounted,
                    "TPROXY_TEST_SEED=\(random.seed): \(statements)")
            }
        }
    }
}
