import ConfigurationGenerator
import IptablesRules
import Rehearsal
import RuleIR
import Testing
import TproxyConfig
import TproxyTestSupport

/// Generated configurations and rulesets are valid and of every kind.
@Suite struct GeneratorTests {
    private static let seeds: [UInt64] = {
        var random = SeededGenerator.forTest()
        return (0..<1000).map { _ in random.next() }
    }()

    @Test func everyGeneratedConfigurationIsValid() throws {
        for seed in Self.seeds {
            let made = ConfigurationGenerator.configuration(seed: seed)
            do {
                let plan = try GeneratedPlan(made)
                try plan.ruleset.check()
                try plan.ruleset.checkForIptables()
            } catch let refusal as Configuration.Refused {
                Issue.record("seed \(seed): \(refusal.diagnostics)\n\(made.yaml)")
                return
            }
        }
    }

    @Test func equalSeedsGenerateEqualConfigurations() {
        for seed in Self.seeds.prefix(50) {
            let made = ConfigurationGenerator.configuration(seed: seed)
            #expect(made == ConfigurationGenerator.configuration(seed: seed))
        }
    }

    @Test func everyKeyIsSetInSomeConfiguration() {
        var missing = Set(ConfigurationKey.all.map(\.path))
        for seed in Self.seeds {
            let made = ConfigurationGenerator.configuration(seed: seed)
            missing.subtract(made.entries.map(\.path))
            missing.subtract(
                ConfigurationKey.all.filter { made.environment[$0.environmentVariable] != nil }
                    .map(\.path))
        }
        #expect(missing == [])
    }

    /// Reducing continues until no reduction is left.
    @Test func reductionsAreValidAndEndAtOneItemPerList() throws {
        for seed in Self.seeds.prefix(20) {
            var current = ConfigurationGenerator.configuration(seed: seed)
            while let next = current.reductions.last {
                _ = try GeneratedPlan(next)
                #expect(next != current)
                current = next
            }
            #expect(
                current.entries.allSatisfy { entry in
                    if case .list(let items) = entry.value { items.count <= 1 } else { true }
                } || current.entries.isEmpty)
        }
    }

    /// So the tests with random rulesets include a new kind.
    @Test func randomRulesetsHaveMatchesAndActionsOfEveryKind() {
        var maker = RandomRuleset(SeededGenerator.forTest())
        let rules = (0..<200).flatMap { _ in maker.ruleset().locatedRules.map(\.rule) }
        #expect(Set(rules.flatMap(\.matches).map { MatchKind($0) }) == Set(MatchKind.allCases))
        #expect(Set(rules.map { ActionKind($0.action) }) == Set(ActionKind.allCases))
    }
}
