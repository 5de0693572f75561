import Addressing
import RuleIR
import Testing
import TproxyTestSupport

@testable import NftablesBackend

/// A refusal by the kernel is traced to the rule and its configuration key.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct KernelRefusalTests {
    private let because = Rationale("a rule that can't be", key: "redirect.test")

    private func refusal(of rules: [Rule], in stage: Stage) throws -> BackendError? {
        try PrivateNamespace.require()
        let ruleset = Ruleset(
            instance: .mesh, families: [.ipv4, .ipv6],
            baseChains: [BaseChain(stage, .output, last: rules)])
        let backend = NftablesBackend(version: "test", retry: RetryPolicy(maxRetries: 0))
        do {
            // Not `apply`, whose check of the IR finds it first.
            _ = try backend.load(PlannedTable(NftTable(ruleset)), with: [])
            _ = try backend.remove(.mesh)
            return nil
        } catch {
            return error
        }
    }

    @Test func refusedRuleIsNamed() throws {
        let port = try #require(Port(80))
        let good = Rule([.transport(.tcp)], then: .return, because: Rationale("good", key: "k"))
        let bad = Rule([.transport(.tcp)], then: .redirect(port), because: because)
        let error = try refusal(of: [good, bad], in: .mangle)
        guard case .refused(_, let rule) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(rule?.rationale == because, "\(String(describing: error))")
        #expect(rule?.location == RuleLocation(.last(.mangle, .output), 1))
        let backend = NftablesBackend(version: "test")
        #expect(try backend.installed(.mesh) == nil)
    }

    @Test func refusedRulesLeaveTheLoadedOnes() throws {
        try PrivateNamespace.require()
        let backend = NftablesBackend(version: "test")
        let scenario = try #require(Scenario.all.first { $0.name == "ipv4-only" })
        _ = try backend.apply(scenario.compile().ruleset)
        let before = try backend.installed(.mesh)
        let port = try #require(Port(80))
        let bad = Rule([.transport(.tcp)], then: .redirect(port), because: because)
        #expect(try refusal(of: [bad], in: .raw) != nil)
        #expect(try backend.installed(.mesh) == before)
        _ = try backend.remove(.mesh)
    }

    @Test func invalidRulesetIsNeverSubmitted() throws {
        let rule = Rule([], then: .jump(.inbound), because: because)
        let ruleset = Ruleset(
            instance: .mesh, families: [.ipv4],
            baseChains: [BaseChain(.nat, .output, last: [rule])])
        #expect(throws: BackendError.self) {
            try NftablesBackend(version: "test").apply(ruleset)
        }
    }
}
