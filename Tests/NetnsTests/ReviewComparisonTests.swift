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
            #expect(try await section().contains("apply would load all of these"))
            #expect(try await sandbox.state() == before)
            // No process listens on the proxy's ports here.
            #expect(try await section("preflight").contains("15001"))
            #expect(try await sandbox.tproxy(["apply"] + flags).status == 0)
            #expect(try await section().contains("apply would change nothing"))
            let changed = try await section("changes", ["--exclude-outbound-ports", "22"])
            #expect(changed.contains("Apply would make these changes"))
            #expect(changed.contains("excluded port"))
            #expect(changed.contains("<th scope=\"row\">added</th>"))
        }
    }

    @Test func withHostIsRefusedForOtherFormats() async throws {
        let outcome = try await Command.tproxy(["plan", "--with-host", "--kuma-dp-user", "5678"])
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("--with-host is for --format html"))
    }
}
