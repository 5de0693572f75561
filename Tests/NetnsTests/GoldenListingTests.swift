import Addressing
import RuleCompiler
import RuleIR
import Testing
import TproxyTestSupport

/// What the real tools list of every loaded scenario.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct GoldenListingTests {
    @Test(arguments: Scenario.all)
    func nftListingMatchesTheGolden(scenario: Scenario) async throws {
        try await Sandbox.with { sandbox in
            let applied = try await sandbox.tproxy(
                ["apply", "--config", "tproxy.yaml", "--facts", "facts.json"],
                in: scenario.folder.path)
            #expect(applied.status == 0, "\(applied.errors)")
            let listing = TableListing.withoutTime(
                try await sandbox.shell("nft --stateless list table inet tproxy_mesh"))
            let file = scenario.folder.appendingPathComponent("listed-by-nft.txt")
            #expect(Golden.difference(listing, file) == nil)
        }
    }

    /// The text of `plan --format iptables`, as iptables-nft-save(8) lists what it loaded.
    @Test(arguments: Scenario.all)
    func iptablesListingMatchesTheGolden(scenario: Scenario) async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.shell("iptables-nft -t nat -N DOCKER_OUTPUT")
            var saved = ""
            let families = try scenario.compile().ruleset.families
            for family in families {
                let plan = try await sandbox.tproxy(
                    [
                        "plan", "--config", "tproxy.yaml", "--facts", "facts.json", "--format",
                        "iptables", "--family", family.rawValue,
                    ], in: scenario.folder.path)
                let tool = family == .ipv4 ? "iptables-nft" : "ip6tables-nft"
                let loaded = try await sandbox.run(
                    "\(tool)-restore", ["--noflush"], input: plan.output)
                #expect(loaded.status == 0, "\(loaded.errors)")
                let lines = try await sandbox.shell("\(tool)-save | grep -v '^#'")
                saved += "# \(tool)-save\n\(lines)"
            }
            let file = scenario.folder.appendingPathComponent("listed-by-iptables.txt")
            #expect(Golden.difference(saved, file) == nil)
        }
    }

    /// The page of a changed configuration, whose pictures are in the documents.
    @Test func reviewPageMatchesItsGolden() async throws {
        try await Sandbox.with { sandbox in
            let folder = Scenario.root.appendingPathComponent("rulesets/exclusions").path
            let inputs = ["--no-preflight", "--config", "tproxy.yaml", "--facts", "facts.json"]
            let applied = try await sandbox.tproxy(
                ["apply"] + inputs + [
                    "--redirect-outbound-port", "15099", "--exclude-inbound-ports", "9901",
                    "--exclude-outbound-ports", "25,587", "--drop-invalid-packets",
                ], in: folder)
            #expect(applied.status == 0, "\(applied.errors)")
            // In a namespace for names, so that the page doesn't depend on this host's.
            let page = try await sandbox.run(
                "unshare",
                [
                    "--uts", "sh", "-c", "hostname web-1 && exec \"$0\" \"$@\"", Command.tproxy,
                    "plan", "--format", "html", "--with-host",
                ] + inputs, environment: ["SOURCE_DATE_EPOCH": "1796049602"], in: folder)
            #expect(page.status == 0, "\(page.errors)")
            let file = Scenario.root.appendingPathComponent("docs/review.html")
            #expect(Golden.difference(page.output, file) == nil)
        }
    }
}
