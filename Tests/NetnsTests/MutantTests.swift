import Addressing
import NftablesBackend
import Rehearsal
import RuleIR
import RuleTrace
import Testing
import TproxyTestSupport

@testable import TproxyCommands

/// A rehearsal that can't fail proves nothing: it must detect wrong rules.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct MutantTests {

    static let reasons = [
        "to the proxy outbound", "to the proxy inbound", "outgoing TCP", "incoming TCP",
        "proxy's hop to the local application", "proxy to this host's own address",
        "local traffic between processes", "proxy's own traffic", "DNS query to a resolver",
        "proxy's own DNS query", "excluded destination", "excluded port",
        "excluded owner and port", "excluded source",
    ]

    private func isAsExpected(_ loaded: Ruleset, expecting ruleset: Ruleset) throws -> Bool {
        try PrivateNamespace.require()
        let exclusions = try #require(Scenario.all.first { $0.name == "exclusions" })
        let config = try exclusions.config()
        let facts = try exclusions.facts()
        let setting = RehearsalSetting(
            proxyUser: facts.proxyUser, outboundPort: config.redirect.outbound.port.value,
            inboundPort: config.redirect.inbound.port.value,
            dnsPort: config.redirect.dns.port.value, resolvers: facts.resolvers, networks: [])
        let results = try Rehearsal(
            setting, paths: PathGenerator.paths(for: ruleset, setting)
        ).run {
            _ = try NftablesBackend(version: "test").apply(loaded)
        }
        return RehearsalReport(results, RuleTrace(ruleset)).isAsExpected
    }

    @Test(arguments: reasons)
    func rehearsalDetectsAMissingRule(reason: String) throws {
        let scenario = try #require(Scenario.all.first { $0.name == "exclusions" })
        let ruleset = try scenario.compile().ruleset
        var mutant = ruleset
        func without(_ rules: [Rule]) -> [Rule] {
            rules.filter { $0.rationale.reason != reason }
        }
        mutant.baseChains = ruleset.baseChains.map {
            BaseChain($0.stage, $0.hook, first: without($0.first), last: without($0.last))
        }
        mutant.chains = ruleset.chains.map { Chain($0.name, $0.stage, without($0.rules)) }
        try #require(mutant != ruleset, "no rule has this reason")
        #expect(try !isAsExpected(mutant, expecting: ruleset))
    }

    @Test func rehearsalDetectsAWrongPort() throws {
        let scenario = try #require(Scenario.all.first { $0.name == "exclusions" })
        let ruleset = try scenario.compile().ruleset
        let elsewhere = try #require(Port(15099))
        var mutant = ruleset
        mutant.chains = ruleset.chains.map { chain in
            Chain(
                chain.name, chain.stage,
                chain.rules.map { rule in
                    guard case .redirect = rule.action else { return rule }
                    return Rule(
                        rule.matches, then: .redirect(elsewhere), because: rule.rationale)
                })
        }
        #expect(try !isAsExpected(mutant, expecting: ruleset))
        #expect(try isAsExpected(ruleset, expecting: ruleset))
    }
}
