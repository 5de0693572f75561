import RuleIR
import Testing
import TproxyTestSupport

@testable import NftablesBackend

/// A table whose identity has a digest of an unknown form.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct OlderTableTests {
    private let backend = NftablesBackend(version: "test")

    private static let digest = String(repeating: "a", count: 64)

    /// Loads the table of an older version with nft.
    private func load() async throws -> Ruleset {
        try PrivateNamespace.require()
        let scenario = try #require(Scenario.all.first { $0.name == "everything" })
        let ruleset = try scenario.compile().ruleset
        let table = NftTable(ruleset)
        let text = NftText(
            table.carrying(Identity(version: "0.1.0", digest: "here", ownedPrerequisites: []))
        ).text.replacing("digest 3 here", with: "digest \(Self.digest)")
        let loaded = try await Command.run("nft", ["-f", "-"], input: text)
        #expect(loaded.status == 0, "\(loaded.errors)")
        return ruleset
    }

    @Test func tableWithAnUnknownDigestFormIsRecognisedAndRemoved() async throws {
        _ = try await load()
        let installed = try #require(try backend.installed(.mesh))
        #expect(installed.version == "0.1.0")
        #expect(installed.digest == Self.digest)
        #expect(!installed.isIntact)
        #expect(installed.counters.count > 10)
        guard case .removed = try backend.remove(.mesh) else {
            Issue.record("not removed")
            return
        }
        #expect(try backend.installed(.mesh) == nil)
    }

    @Test func tableWithAnUnknownDigestFormIsReplaced() async throws {
        let old = try await load()
        let outcome = try backend.apply(old)
        guard outcome.change == .replaced else {
            Issue.record("not replaced")
            return
        }
        #expect(outcome.installed.digest != Self.digest)
        guard try backend.apply(old).change == .unchanged else {
            Issue.record("not recognised as its own")
            return
        }
        _ = try backend.remove(.mesh)
    }

    /// Chains that only an older version has are removed with the rules that led to them.
    @Test func chainsOfAnOlderArrangementAreRemovedByApply() throws {
        try PrivateNamespace.require()
        let scenario = try #require(Scenario.all.first { $0.name == "everything" })
        var ruleset = try scenario.compile().ruleset
        ruleset.prerequisites = []
        let table = NftTable(ruleset)
        _ = try backend.load(PlannedTable(table.asOfDecision0036), with: [])
        #expect(try backend.installed(.mesh)?.isIntact == true)
        guard try backend.apply(ruleset).change == .replaced else {
            Issue.record("not replaced")
            return
        }
        let loaded = try #require(try backend.readBack(.mesh)).rules.tables.flatMap(\.chains)
        #expect(Set(loaded.map(\.name)) == Set(table.chains.map(\.name)))
        guard try backend.apply(ruleset).change == .unchanged else {
            Issue.record("not recognised as its own")
            return
        }
        _ = try backend.remove(.mesh)
    }
}

extension NftTable {
    /// The table with the rules of `mesh_outbound` in two further chains.
    fileprivate var asOfDecision0036: NftTable {
        var older = self
        older.chains.removeAll { $0.name.contains("mesh_outbound_not_uid") }
        guard let index = older.chains.firstIndex(where: { $0.name == "mesh_outbound" }) else {
            return older
        }
        let rules = older.chains[index].rules
        func leading(to chain: String) -> NftRule {
            NftRule(
                statements: [.counter, .goto(chain)], comment: nil, location: nil,
                rationale: Rationale("else past", key: ""))
        }
        older.chains[index].rules = [leading(to: "mesh_outbound_past_0")]
        let before = rules.prefix { rule in
            if case .jump(let name) = rule.statements.last {
                !name.contains("_not_uid_")
            } else {
                true
            }
        }
        let behind = rules.dropFirst(before.count + 1)
        older.chains.insert(
            contentsOf: [
                NftChain(name: "mesh_outbound_past_8", base: nil, rules: Array(behind)),
                NftChain(
                    name: "mesh_outbound_past_0", base: nil,
                    rules: before + [leading(to: "mesh_outbound_past_8")]),
            ], at: 0)
        return older
    }
}
