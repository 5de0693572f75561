import IptablesBackend
import NftablesBackend
import RuleIR
import Testing
import TproxyTestSupport

/// The loaded rules equal the expected ones, rule by rule, for every backend.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct ReadBackTests {
    @Test(arguments: Scenario.all)
    func loadedRulesEqualTheExpectedOnes(scenario: Scenario) throws {
        try PrivateNamespace.require()
        var ruleset = try scenario.compile().ruleset
        // The address is for a loopback interface that is up; here it isn't.
        ruleset.prerequisites = []
        let iptables = IptablesFlavour.allCases.map { IptablesBackend($0, version: "test") }
        let backends: [any ListingBackend] = [NftablesBackend(version: "test")] + iptables
        for one in iptables where scenario.name == "docker-dns" { try one.createDockerChain() }
        for backend in backends {
            #expect(try backend.readBack(.mesh) == nil)
            _ = try backend.apply(ruleset)
            let loaded = try #require(try backend.readBack(.mesh))
            let expected = try backend.expectedRules(ruleset)
            _ = try backend.remove(.mesh)
            #expect(loaded.installed?.isIntact == true)
            #expect(
                loaded.rules.tables.map(\.name).sorted() == expected.tables.map(\.name).sorted())
            for table in expected.tables {
                let other = try #require(loaded.rules.tables.first { $0.name == table.name })
                #expect(Set(other.sets.map(\.name)) == Set(table.sets.map(\.name)))
                #expect(Set(other.chains.map(\.name)) == Set(table.chains.map(\.name)))
                for chain in table.chains {
                    let same = try #require(other.chain(named: chain.name))
                    #expect(same.entries == chain.entries, "\(table.name) \(chain.name)")
                    #expect(same.attachment == chain.attachment)
                    #expect(same.role == chain.role)
                }
            }
        }
    }
}
