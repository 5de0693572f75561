import RuleIR
import Testing
import TproxyTestSupport

@testable import NftablesBackend

/// A cached table belongs to its ruleset.
@Suite struct PlannedTableTests {
    @Test func digestIsThatOfTheRulesetsOwnTable() throws {
        let rulesets = try Scenario.all.map { try $0.compile().ruleset }
        let backend = NftablesBackend(version: "1")
        for ruleset in rulesets + rulesets.reversed() {
            let table = NftTable(ruleset)
            #expect(try backend.digest(of: ruleset) == CanonicalTable(table).digest)
            // A second call returns the same.
            #expect(try backend.digest(of: ruleset) == CanonicalTable(table).digest)
        }
    }

    /// Rules look up a renamed set by its new name, and everything else stays.
    @Test func renamedSetKeepsTheRulesThatLookItUp() throws {
        let scenario = try #require(Scenario.all.first { $0.name == "exclusions" })
        let planned = PlannedTable(NftTable(try scenario.compile().ruleset))
        let set = try #require(planned.table.sets.first)
        let renamed = planned.renaming([set.name], avoiding: ["\(set.name)_2"])
        func asked(_ table: NftTable) -> [String] {
            table.chains.flatMap(\.rules).flatMap(\.statements).compactMap { statement in
                guard case .match(_, _, .set(let name)) = statement else { return nil }
                return name
            }
        }
        let wanted = asked(planned.table).map { $0 == set.name ? "\(set.name)_3" : $0 }
        #expect(asked(renamed.table) == wanted)
        #expect(renamed.table.sets.map(\.name).contains("\(set.name)_3"))
        #expect(renamed.digest != planned.digest)
    }
}
