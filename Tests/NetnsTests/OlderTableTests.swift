import RuleIR
import Testing
import TproxyTestSupport

@testable import NftablesBackend

/// A table whose identity has a digest of a form that is not known here.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct OlderTableTests {
    private let backend = NftablesBackend(version: "test")

    private static let digest = String(repeating: "a", count: 64)

    /// Loads what an older program would have, by nft.
    private func load() async throws -> Ruleset {
        try PrivateNamespace.require()
        let scenario = try #require(Scenario.all.first { $0.name == "everything" })
        let ruleset = try scenario.compile().ruleset
        let table = NftTable(ruleset)
        let text = NftText(
            table.carrying(Identity(version: "0.1.0", digest: "here", ownedAlias: nil))
        ).text.replacing("digest 3 here", with: "digest \(Self.digest)")
        let loaded = try await Command.run("nft", ["-f", "-"], input: text)
        #expect(loaded.status == 0, "\(loaded.errors)")
        return ruleset
    }

    @Test func itIsRecognisedAndRemoved() async throws {
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

    @Test func itIsReplaced() async throws {
        let old = try await load()
        guard case .replaced(let installed) = try backend.apply(old) else {
            Issue.record("not replaced")
            return
        }
        #expect(installed.digest != Self.digest)
        guard case .unchanged = try backend.apply(old) else {
            Issue.record("not recognised as its own")
            return
        }
        _ = try backend.remove(.mesh)
    }
}
