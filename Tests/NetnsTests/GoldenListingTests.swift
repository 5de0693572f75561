import Testing
import TproxyTestSupport

/// What the kernel and the real `nft` make of every scenario.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct GoldenListingTests {
    @Test(arguments: Scenario.all)
    func listingIsRecorded(scenario: Scenario) async throws {
        try await Sandbox.with { sandbox in
            let applied = try await sandbox.tproxy(
                ["apply", "--config", "tproxy.yaml", "--facts", "facts.json"],
                in: scenario.folder.path)
            #expect(applied.status == 0, "\(applied.errors)")
            let listing = try await sandbox.shell("nft --stateless list table inet tproxy_mesh")
            let file = scenario.folder.appendingPathComponent("listed-by-nft.txt")
            #expect(Golden.difference(listing, file) == nil)
        }
    }
}
