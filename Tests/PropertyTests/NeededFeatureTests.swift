import Addressing
import IptablesRules
import Rehearsal
import RuleIR
import Testing
import TproxyTestSupport

@testable import NftablesBackend

/// An error about a kernel without a feature names the feature, whichever rules need it.
@Suite struct NeededFeatureTests {
    private static let rulesets: [Ruleset] = {
        var maker = RandomRuleset(SeededGenerator.forTest())
        return (0..<200).map { _ in maker.ruleset() }
    }()

    /// Every kernel with nf_tables has these.
    private static let expressionsOfEveryKernel: Set<String> = [
        "meta", "payload", "bitwise", "byteorder", "cmp", "range", "lookup", "immediate",
    ]

    @Test func everyExpressionOfRandomRulesetsIsKnown() {
        let names = Set(
            Self.rulesets.flatMap { NftTable($0).chains.flatMap(\.rules) }
                .flatMap { RuleCompilation($0.statements).expressions.map(\.name) })
        let unknown = names.subtracting(Self.expressionsOfEveryKernel)
            .filter { KernelFeature.nftablesExpression($0) == nil }
        #expect(unknown.isEmpty)
    }

    @Test func everyIptablesMatchOfRandomRulesetsIsKnown() {
        let rules = Self.rulesets.flatMap { ruleset in
            AddressFamily.allCases.flatMap { FamilyLowering.tables(of: ruleset, $0) }
                .flatMap { $0.hooked + $0.own }
        }
        let words = rules.map(\.rule.extensions)
        let names = Set(words.flatMap { zip($0, $0.dropFirst()).filter { $0.0 == "-m" }.map(\.1) })
        #expect(names.isSuperset(of: ["tcp", "owner", "conntrack"]))
        #expect(names.allSatisfy { KernelFeature.iptablesExtension($0) != nil }, "\(names)")
    }
}
