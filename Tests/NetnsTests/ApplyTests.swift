import Foundation
import Testing
import TproxyTestSupport

/// Apply, apply again, reload, remove: with the real kernel and the real `nft`.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct ApplyTests {
    private let inputs = ["--config", "tproxy.yaml", "--facts", "facts.json"]

    /// nft loads its own listing again, and the table is still intact.
    @Test(arguments: Scenario.all)
    func nftListingLoadsAgainAndIsIntact(scenario: Scenario) async throws {
        try await Sandbox.with { sandbox in
            let before = try await sandbox.state()
            let first = try await sandbox.tproxy(["apply"] + inputs, in: scenario.folder.path)
            #expect(first.status == 0, "\(first.errors)")
            try await sandbox.shell(
                """
                nft --stateless list table inet tproxy_mesh > /tmp/listed.$$ &&
                nft delete table inet tproxy_mesh && nft -f /tmp/listed.$$; code=$?
                rm -f /tmp/listed.$$; exit $code
                """)
            #expect(try await sandbox.tproxy(["status"]).status == 0)

            let removed = try await sandbox.tproxy(["remove"])
            #expect(removed.output.hasPrefix("removed table inet tproxy_mesh"))
            #expect(try await sandbox.state() == before)
        }
    }

    /// The text that `plan` prints for `nft -f` loads the rules that `apply` submits.
    @Test(arguments: Scenario.all)
    func printedNftTextLoadsTheSameRules(scenario: Scenario) async throws {
        try await Sandbox.with { sandbox in
            let folder = scenario.folder.path
            _ = try await sandbox.tproxy(["apply"] + inputs, in: folder)
            let applied = try await sandbox.shell("nft --stateless list table inet tproxy_mesh")
            try await sandbox.shell("nft delete table inet tproxy_mesh")
            let text = try await sandbox.tproxy(["plan", "--format", "nft"] + inputs, in: folder)
            let loaded = try await sandbox.run("nft", ["-f", "-"], input: text.output)
            #expect(loaded.status == 0, "\(loaded.errors)")
            let listed = try await sandbox.shell("nft --stateless list table inet tproxy_mesh")
            #expect(Self.rules(listed) == Self.rules(applied))
            #expect(try await sandbox.tproxy(["status"]).status == 0)
        }
    }

    /// A listing without the identity, which records who added the address.
    private static func rules(_ listing: String) -> String {
        TableListing.withoutAddress(
            listing.replacing(/\tset identity \{[^}]*\}\n\t\}\n/, with: ""))
    }

    @Test func secondApplySubmitsNothing() async throws {
        try await Sandbox.with { sandbox in
            let folder = try #require(Scenario.all.first { $0.name == "everything" }).folder.path
            _ = try await sandbox.tproxy(["apply"] + inputs, in: folder)
            let heard = try await sandbox.shell(
                """
                nft monitor > /tmp/heard.$$ & monitor=$!
                # Changes a table until nft reports it.
                hear() {
                    until grep -q "delete table inet $1" /tmp/heard.$$; do
                        kill -0 $monitor || break
                        nft add table inet $1; nft delete table inet $1
                        sleep 0.02
                    done
                }
                hear start
                \(Command.tproxy) apply --config tproxy.yaml --facts facts.json
                hear canary
                kill $monitor; cat /tmp/heard.$$; rm -f /tmp/heard.$$
                """, in: folder)
            #expect(heard.contains("unchanged"))
            #expect(heard.contains("add table inet canary"), "nft monitor reported nothing")
            #expect(!heard.contains("tproxy_mesh {") && !heard.contains("add rule"), "\(heard)")
        }
    }

    @Test func otherPlanReplacesTheLoadedRules() async throws {
        try await Sandbox.with { sandbox in
            _ = try await sandbox.tproxy(
                ["apply", "--kuma-dp-user", "1", "--facts", "-"], input: Self.facts)
            let changed = try await sandbox.tproxy(
                ["apply", "--redirect-outbound-port", "1234", "--facts", "-"], input: Self.facts)
            #expect(changed.output.hasPrefix("replaced"), "\(changed.errors)")
            let listing = try await sandbox.shell("nft list table inet tproxy_mesh")
            #expect(listing.contains("redirect to :1234") && !listing.contains(":15001"))
        }
    }

    static let facts = """
        {"proxyUser": 5678, "loopback": "lo", "resolvers": [], "hasDockerDNSChain": false,
         "ipv6": {"isUsable": true, "reason": "test"}}
        """
}
