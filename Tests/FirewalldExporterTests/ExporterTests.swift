import Addressing
import FirewalldExporter
import IptablesRules
import RuleIR
import Testing
import TproxyTestSupport

/// Every rule is in its table and in order, for every scenario that firewalld supports.
@Suite struct ExporterTests {
    static let scenarios = Scenario.all.filter { $0.name != "docker-dns" }

    private struct Key: Hashable {
        var place: DirectTable
        var chain: String
    }

    @Test(arguments: scenarios)
    func rulesAreThoseOfIptables(_ scenario: Scenario) throws {
        let ruleset = try scenario.compile().ruleset
        let rules = try Self.rules(FirewalldExporter(version: "1.2.3").emit(ruleset))
        for family in AddressFamily.allCases {
            for content in FamilyLowering.tables(of: ruleset, family) {
                for chain in ["PREROUTING", "OUTPUT"] + content.chains {
                    let expected = (content.hooked + content.own).filter { $0.chain == chain }
                    let key = Key(place: DirectTable(family, content.table), chain: chain)
                    #expect(
                        rules[key, default: []].map(\.arguments) == expected.map(\.rule.arguments))
                }
            }
        }
        let total = AddressFamily.allCases.flatMap { FamilyLowering.tables(of: ruleset, $0) }
            .map { $0.hooked.count + $0.own.count }.reduce(0, +)
        let exported = rules.filter { $0.key.chain != IptablesChain.ownership }.values.map(\.count)
        #expect(exported.reduce(0, +) == total)
    }

    /// Foreign direct rules may have any priority except the very first and last few.
    @Test(arguments: scenarios)
    func prioritiesKeepTheOrder(_ scenario: Scenario) throws {
        let ruleset = try scenario.compile().ruleset
        let output = try FirewalldExporter(version: "1.2.3").emit(ruleset)
        for (key, rules) in Self.rules(output) {
            let priorities = rules.map(\.priority)
            #expect(zip(priorities, priorities.dropFirst()).allSatisfy { $0 < $1 }, "\(key)")
            guard !key.chain.hasPrefix(IptablesChain.prefix) else { continue }
            #expect(priorities.allSatisfy { abs(Int($0)) > 2_000_000_000 })
        }
        for family in AddressFamily.allCases {
            for content in FamilyLowering.tables(of: ruleset, family) {
                for placed in content.hooked {
                    let key = Key(
                        place: DirectTable(family, content.table), chain: placed.chain)
                    let found = Self.rules(output)[key, default: []]
                        .filter { $0.arguments == placed.rule.arguments }
                    #expect(found.contains { ($0.priority < 0) == placed.isInserted })
                }
            }
        }
    }

    @Test(arguments: scenarios)
    func everyTableHasAnOwnershipChain(_ scenario: Scenario) throws {
        let ruleset = try scenario.compile().ruleset
        let owned = try [HostPrerequisite.address(#require(LoopbackAddress(token: "::6@lo")))]
        let output = try FirewalldExporter(version: "1.2.3", ownedPrerequisites: owned).emit(
            ruleset)
        for (key, rules) in Self.rules(output) where key.chain == IptablesChain.ownership {
            let ownership = try #require(
                OwnershipChain(rules.map { IptablesRule(words: $0.arguments) }))
            #expect(ownership.version == "1.2.3")
            #expect(ownership.rulesDigest == IptablesEmitter.digest(of: ruleset))
            #expect(ownership.ownedPrerequisites == owned)
        }
    }

    @Test func dockersChainIsRefused() throws {
        let docker = try #require(Scenario.all.first { $0.name == "docker-dns" })
        let ruleset = try docker.compile().ruleset
        let problem = try #require(throws: RulesetProblem.self) {
            try FirewalldExporter(version: "1.2.3").emit(ruleset)
        }
        guard case .inexpressible("firewalld", _) = problem else {
            Issue.record("\(problem)")
            return
        }
    }

    private static func rules(
        _ output: FirewalldExporter.Output
    ) -> [Key: [(priority: Int32, arguments: [String])]] {
        var rules: [Key: [(priority: Int32, arguments: [String])]] = [:]
        for element in output.elements {
            guard case .rule(let place, let chain, let priority, let arguments) = element else {
                continue
            }
            rules[Key(place: place, chain: chain), default: []].append((priority, arguments))
        }
        return rules
    }
}
