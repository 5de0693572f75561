import RuleIR
import Testing
import TproxyTestSupport

@testable import NftablesBackend

/// What is made once of a ruleset is never another's.
@Suite struct PlannedTableTests {
    @Test func eachRulesetHasItsOwnTable() throws {
        let rulesets = try Scenario.all.map { try $0.compile().ruleset }
        let backend = NftablesBackend(version: "1")
        for ruleset in rulesets + rulesets.reversed() {
            let table = NftTable(ruleset)
            #expect(try backend.digest(of: ruleset) == TableForm(table).digest)
            // Asked again, it is the same.
            #expect(try backend.digest(of: ruleset) == TableForm(table).digest)
        }
    }

    @Test func theRecordHasTheSealThatIsAskedFor() throws {
        let ruleset = try #require(try Scenario.all.first?.compile().ruleset)
        let planned = PlannedTable(NftTable(ruleset))
        #expect(planned.record(seal: nil) == nil)
        for seal in ["a", "b", "a"] {
            #expect(planned.record(seal: seal) == LoadRecord(planned.form, seal: seal))
        }
    }
}
