import Foundation
import Netlink
import Rehearsal
import RuleIR
import Testing
import TproxyTestSupport

@testable import NftablesBackend

/// Our netlink messages load the same table as libnftables does from the emitted document.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct SentRulesTests {
    private static let name = "tproxy_sent"
    private static let identity = Identity(version: "1", digest: "0", ownedPrerequisites: [])

    @Test(arguments: Scenario.all)
    func netlinkAndLibnftablesLoadTheSameScenario(scenario: Scenario) async throws {
        try await expectSame(scenario.compile().ruleset)
    }

    @Test func netlinkAndLibnftablesLoadTheSameRandomRuleset() async throws {
        let random = SeededGenerator.forTest()
        var maker = RandomRuleset(random)
        for _ in 0..<40 {
            try await expectSame(maker.ruleset(), "TPROXY_TEST_SEED=\(random.seed)")
        }
    }

    private func expectSame(_ ruleset: Ruleset, _ note: Comment = "") async throws {
        try PrivateNamespace.require()
        var bare = NftTable(ruleset)
        bare.name = Self.name

        var batch = NftBatch(generation: nil)
        let planned = PlannedTable(bare)
        let change = TableChange(from: nil, to: planned, inOneTransaction: true)
        let transaction = TableTransaction.perform(change, isNew: true, planned, Self.identity)
        transaction.write(to: &batch, submittedBy: .netlink)
        batch.finish()
        try MnlSocket(.netfilter).commit(batch)
        let ours = try await taken()

        var document = NftDocument()
        transaction.write(to: &document, submittedBy: .netlink)
        let json = document.finished()
        let loaded = try await Command.run("nft", ["-j", "-f", "-"], input: json)
        #expect(loaded.status == 0, "\(loaded.errors)")
        let theirs = try await taken()
        #expect(ours.listing == theirs.listing, note)
        let changes = ours.instructions.difference(from: theirs.instructions)
        #expect(changes.isEmpty, "\(changes) \(note)")
        #expect(ours.instructions.contains { $0.contains("userdata") })
    }

    /// The table as nft lists it, without handles, and its instructions; deletes the table.
    private func taken() async throws -> (listing: String, instructions: [Substring]) {
        let listing = try await Command.run("nft", ["-j", "list", "table", "inet", Self.name])
        #expect(listing.status == 0, "\(listing.errors)")
        let debugged = try await Command.run(
            "nft", ["--debug=netlink", "list", "table", "inet", Self.name])
        _ = try await Command.run("nft", ["delete", "table", "inet", Self.name])
        let lines = debugged.output.split(separator: "\n").map { line in
            // A rule begins with its chain, its handle and the handle of the rule before it.
            line.hasPrefix("inet ")
                ? line.split(separator: " ").prefix(3).joined(separator: " ")[...] : line
        }
        // Elements are in the order of a hash with a different seed in each set.
        let elements = lines.filter { $0.hasPrefix("\telement") }.sorted()
        return (
            listing.output.replacing(/"handle": [0-9]+/, with: ""),
            lines.filter { !$0.hasPrefix("\telement") } + elements
        )
    }
}
