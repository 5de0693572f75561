import Addressing
import Foundation
import Rehearsal
import RuleIR
import Testing
import TproxyTestSupport

/// Rulesets as JSON.
@Suite struct CodingTests {
    @Test(arguments: Scenario.all)
    func everyRulesetDecodesAsItWasEncoded(scenario: Scenario) throws {
        let ruleset = try scenario.compile().ruleset
        let data = try JSONEncoder().encode(ruleset)
        #expect(try JSONDecoder().decode(Ruleset.self, from: data) == ruleset)
    }

    @Test func everyRandomRulesetDecodesAsItWasEncoded() throws {
        let random = SeededGenerator.forTest()
        var maker = RandomRuleset(random)
        for _ in 0..<50 {
            let ruleset = maker.ruleset()
            let data = try JSONEncoder().encode(ruleset)
            let decoded = try JSONDecoder().decode(Ruleset.self, from: data)
            #expect(decoded == ruleset, "TPROXY_TEST_SEED=\(random.seed)")
        }
    }

    @Test(arguments: [
        #"{"destinationPort": 0}"#, #"{"destinationPort": 65536}"#, #"{"owner": 4294967295}"#,
        #"{"source": {"prefix": "10.0.0.0/33"}}"#, #"{"source": {"set": "s"}}"#,
        #"{"inputInterface": "+"}"#, #"{"transport": "sctp"}"#, #"{}"#,
        #"{"owner": 1, "transport": "tcp"}"#, #"{"nothing": 1}"#, #""tcp""#,
    ])
    func invalidMatchIsRefused(json: String) {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(Match.self, from: Data(json.utf8))
        }
    }

    @Test(arguments: [
        #"{"redirect": 0}"#, #"{"jump": "not a name"}"#, #"{"conntrackZone": 65536}"#,
        #"{"log": {"prefix": "OUTPUT:", "level": 8}}"#, #"{"log": {"prefix": "x", "level": 1}}"#,
    ])
    func invalidActionIsRefused(json: String) {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(Action.self, from: Data(json.utf8))
        }
    }

    @Test(arguments: [
        #"{"name": "s", "family": "ipv4", "addresses": [{"value": "::1", "source": "k"}]}"#,
        #"{"name": "s", "ports": [{"value": "90-80", "source": "k"}]}"#,
        #"{"name": "s", "ports": [{"value": "80-", "source": "k"}]}"#, #"{"name": "s"}"#,
    ])
    func invalidSetIsRefused(json: String) {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(NamedSet.self, from: Data(json.utf8))
        }
    }
}
