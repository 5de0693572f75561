import Addressing
import ConfigurationGenerator
import Foundation
import Rehearsal
import RuleIR
import RuleTrace
import Testing
import TproxyTestSupport

@testable import IptablesRules
@testable import NftablesBackend

/// Emissions are deterministic, and read back as the rules that they were made from.
@Suite struct EmissionTests {
    private let nft = NftablesEmitter(version: "1")

    @Test func equalConfigurationsEmitEqualPlans() {
        GeneratedPlans.each(200) { plan, seed in
            let again = try GeneratedPlan(ConfigurationGenerator.configuration(seed: seed))
            try Broken.unlessEqual(plan.ruleset, again.ruleset, "ruleset")
            try Broken.unlessEqual(nft.emit(plan.ruleset), nft.emit(again.ruleset), "nft")
            try Broken.unlessEqual(
                IptablesEmitter().emit(plan.ruleset), IptablesEmitter().emit(again.ruleset),
                "iptables")
        }
    }

    /// Hash seeds, and so the order of hashed collections, differ in each process.
    @Test func planIsTheSameInEveryProcess() async throws {
        var random = SeededGenerator.forTest()
        for _ in 0..<8 {
            let seed = random.next()
            let made = ConfigurationGenerator.configuration(seed: seed)
            for format in ["nft-json", "iptables"] {
                let outcomes = try await [
                    Self.plan(made, format), Self.plan(made, format),
                ]
                #expect(outcomes[0].status == 0, "configuration \(seed): \(outcomes[0].errors)")
                #expect(outcomes[0].output == outcomes[1].output, "configuration \(seed)")
            }
        }
    }

    private static func plan(
        _ made: GeneratedConfiguration, _ format: String
    ) async throws -> Command.Outcome {
        let folder = try TestFolder()
        let facts = folder.path(of: "facts.json")
        try JSONEncoder().encode(made.facts).write(to: URL(fileURLWithPath: facts))
        return try await Command.tproxy(
            ["plan", "--config", "-", "--facts", facts, "--format", format],
            environment: made.environment, input: made.yaml)
    }

    @Test func nftEmissionReadsBackUnchanged() {
        GeneratedPlans.each(1000) { plan, _ in
            let output = try nft.emit(plan.ruleset)
            let expected = try NftablesBackend(version: "1").expectedRules(plan.ruleset)
            try Broken.unlessEqual(NftListing.read(output.json), expected, "listing")
            let read = ListedHookRules([.init(expected, zonesEnd: true)], loopback: .loopback)
            try Broken.unlessEqual(read.inexpressible, [], "not read")
            let names = NftTable(plan.ruleset).chains.map(\.name)
            try Broken.unlessEqual(names.count, Set(names).count, "chains of equal name")
        }
    }

    @Test func iptablesTextReadsBackUnchanged() {
        GeneratedPlans.each(300) { plan, _ in
            let digest = IptablesEmitter.digest(of: plan.ruleset)
            for family in plan.ruleset.families {
                let tables = FamilyLowering.tables(of: plan.ruleset, family)
                let saved = try SavedText(Self.saved(tables, digest))
                let state = FamilyState(saved)
                try Broken.unlessEqual(
                    state.canonicalRules, FamilyState.canonicalRules(tables), "canonical form")
                try Broken.unlessEqual(state.isForeign, false, "foreign")
                let read = ListedHookRules(
                    [.init(ListedRules(ReadBack.tables(saved, family)), zonesEnd: false)],
                    loopback: .loopback)
                try Broken.unlessEqual(read.inexpressible, [], "not read")
            }
        }
    }

    /// The loaded rules as iptables-save(8) prints them.
    private static func saved(_ tables: [TableContent], _ digest: String) -> String {
        tables.map { content in
            let ownership = OwnershipChain(
                version: "1", rulesDigest: digest, ownedPrerequisites: [])
            let chains = content.chains + [IptablesChain.ownership]
            let rules =
                (content.hooked.filter(\.isInserted) + content.hooked.filter { !$0.isInserted }
                + content.own).map { ["-A", $0.chain] + $0.rule.arguments }
                + ownership.rules(copying: content.hooked).map {
                    ["-A", IptablesChain.ownership] + $0
                }
            return
                (["*\(content.table.rawValue)", ":PREROUTING ACCEPT [0:0]"]
                + [":OUTPUT ACCEPT [0:0]"] + chains.map { ":\($0) - [0:0]" }
                + rules.map(RestoreText.line) + ["COMMIT\n"]).joined(separator: "\n")
        }.joined()
    }
}
