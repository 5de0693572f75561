import Testing
import TproxyTestSupport

/// The documents about loaded rules match docs/schemas.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct LoadedSchemaTests {
    @Test(arguments: ["nft", "iptables-nft", "iptables-legacy"])
    func applyStatusAndRemoveMatchTheirSchemas(backend: String) async throws {
        try await Sandbox.with { sandbox in
            let applied = try await sandbox.tproxy(
                ["apply", "--backend", backend, "--output", "json", "--facts", "-"],
                input: ApplyTests.facts)
            #expect(applied.status == 0, "\(applied.errors)")
            #expect(try await JSONSchemaCheck.problems(applied.output, "apply-1") == "")
            let status = try await sandbox.tproxy(["status", "--output", "json"])
            #expect(try await JSONSchemaCheck.problems(status.output, "status-2") == "")
            for more in [["--dry-run"], [], []] {
                let removed = try await sandbox.tproxy(["remove", "--output", "json"] + more)
                #expect(removed.status == 0, "\(removed.errors)")
                #expect(try await JSONSchemaCheck.problems(removed.output, "remove-1") == "")
            }
        }
    }

    @Test func statusWithoutRulesIsADocument() async throws {
        try await Sandbox.with { sandbox in
            let status = try await sandbox.tproxy(["status", "--output", "json"])
            #expect(status.status == 1)
            #expect(status.errors == "")
            #expect(status.output.contains("\"isLoaded\" : false"))
            #expect(status.output.contains("\"id\" : \"not-installed\""))
            #expect(try await JSONSchemaCheck.problems(status.output, "status-2") == "")
        }
    }

    @Test func removalOfKumactlsRulesIsADocument() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.shell(
                "iptables -t nat -N KUMA_MESH_INBOUND; "
                    + "iptables -t nat -A PREROUTING -p tcp -j KUMA_MESH_INBOUND")
            let removed = try await sandbox.tproxy(["remove", "--kumactl", "--output", "json"])
            #expect(removed.status == 0, "\(removed.errors)")
            #expect(removed.output.contains("KUMA_MESH_INBOUND"))
            #expect(try await JSONSchemaCheck.problems(removed.output, "remove-1") == "")
        }
    }

    @Test func rehearsalMatchesItsSchema() async throws {
        try await Sandbox.with { sandbox in
            let rehearsal = try await sandbox.tproxy(
                ["rehearse", "--output", "json", "--facts", "-"], input: ApplyTests.facts)
            #expect(rehearsal.status == 0, "\(rehearsal.errors)")
            #expect(try await JSONSchemaCheck.problems(rehearsal.output, "rehearsal-1") == "")
        }
    }
}
