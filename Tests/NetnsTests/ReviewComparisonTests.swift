import Testing
import TproxyTestSupport

/// The page shows what `apply` would change, and what the preflight finds.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct ReviewComparisonTests {
    private static let page = ["plan", "--format", "html", "--with-host"]

    @Test(arguments: ["nft", "iptables-nft"])
    func pageShowsWhatApplyWouldChange(backend: String) async throws {
        let flags = ["--kuma-dp-user", "5678", "--backend", backend]
        try await Sandbox.with { sandbox in
            func section(
                _ id: String = "changes", _ more: [String] = []
            ) async throws -> String {
                let outcome = try await sandbox.tproxy(Self.page + flags + more)
                #expect(outcome.status == 0, "\(outcome.errors)")
                let start = try #require(outcome.output.range(of: "<section id=\"\(id)\""))
                let rest = outcome.output[start.lowerBound...]
                let end = try #require(rest.range(of: "</section>"))
                return String(rest[..<end.lowerBound])
            }
            let before = try await sandbox.state()
            #expect(try await section().contains("to add: no rules are loaded by \(backend)"))
            #expect(try await sandbox.state() == before)
            // No process listens on the proxy's ports here.
            #expect(try await section("warnings").contains("15001"))
            #expect(try await sandbox.tproxy(["apply"] + flags).status == 0)
            #expect(try await section().contains("no changes: "))
            #expect(try await section("traffic").contains("No packet is treated differently."))
            let changed = try await section("changes", ["--exclude-outbound-ports", "22"])
            #expect(changed.contains("excluded port"))
            #expect(changed.contains("<li class=\"added\">"))
            // The old form stands beside the new one.
            let port = try await section("changes", ["--redirect-outbound-port", "15099"])
            #expect(port.contains("<div class=\"side old\"><p class=\"tag\">loaded</p>"))
            #expect(port.contains("REDIRECTED to port 15001"))
            #expect(port.contains("REDIRECTED to port 15099"))
            let traffic = try await section("traffic", ["--exclude-outbound-ports", "22"])
            #expect(traffic.contains(" to port 22: "), "\(traffic)")
        }
    }

    /// Without `--with-host`, the page has the loaded rules if they can be read, as the text has.
    @Test func pageHasTheLoadedRulesIfTheyCanBeRead() async throws {
        let flags = ["plan", "--format", "html", "--kuma-dp-user", "5678"]
        try await Sandbox.with { sandbox in
            #expect(try await sandbox.tproxy(["apply", "--kuma-dp-user", "5678"]).status == 0)
            let asRoot = try await sandbox.tproxy(flags)
            #expect(asRoot.output.contains(": no changes</title>"))
            let other = try await sandbox.run(
                "setpriv",
                ["--reuid=65534", "--regid=65534", "--clear-groups", Command.tproxy] + flags)
            #expect(other.status == 0, "\(other.errors)")
            #expect(other.output.contains("Planned for an empty host: reading the loaded rules"))
        }
    }

    @Test func withHostIsRefusedForOtherFormats() async throws {
        let outcome = try await Command.tproxy(["plan", "--with-host", "--kuma-dp-user", "5678"])
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("--with-host is for --format html"))
    }
}
