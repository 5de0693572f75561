import Testing
import TproxyTestSupport

/// Who owns `::6`, and how long it stays.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct LoopbackAddressTests {
    private static let plain = "ip -6 address add ::6/128 dev lo nodad"

    private func addresses(_ sandbox: Sandbox) async throws -> String {
        try await sandbox.shell("ip -6 address show lo | grep -o 'inet6 ::6/128' || true")
    }

    private func apply(
        _ sandbox: Sandbox, _ backend: BackendUnderTest, _ more: [String] = []
    ) async throws {
        let applied = try await sandbox.tproxy(
            backend.apply + ["--facts", "-"] + more, input: ApplyTests.facts)
        #expect(applied.status == 0, "\(applied.errors)")
    }

    private static let flush = """
        nft flush ruleset
        for tool in iptables ip6tables; do
            for table in $(cat /proc/net/${tool%tables}_tables_names); do
                $tool-legacy -t $table -F; $tool-legacy -t $table -X
            done
        done
        """

    @Test(arguments: BackendUnderTest.allCases)
    func removeDeletesTheAddressAfterAFlush(backend: BackendUnderTest) async throws {
        try await Sandbox.with { sandbox in
            try await apply(sandbox, backend)
            try await sandbox.shell(Self.flush)
            #expect(try await addresses(sandbox) == "inet6 ::6/128\n")
            let status = try await sandbox.tproxy(["status"])
            #expect(status.status == 1)
            #expect(status.errors.contains("[address-left]"), "\(status.errors)")
            let dry = try await sandbox.tproxy(["remove", "--dry-run"])
            #expect(dry.output.hasPrefix("would remove ::6/128 on lo"), "\(dry.output)")
            #expect(try await addresses(sandbox) == "inet6 ::6/128\n")
            let removed = try await sandbox.tproxy(["remove"])
            #expect(removed.status == 0, "\(removed.errors)")
            #expect(removed.output.hasPrefix("removed ::6/128 on lo"), "\(removed.output)")
            #expect(try await addresses(sandbox) == "")
            #expect(try await sandbox.tproxy(["remove"]).output == "nothing to remove\n")
        }
    }

    /// It is reported as added only by the run that adds it.
    @Test(arguments: BackendUnderTest.allCases)
    func addedIsReportedOnce(backend: BackendUnderTest) async throws {
        let added = "added ::6/128 on lo\n"
        try await Sandbox.with { sandbox in
            func apply(_ more: [String] = []) async throws -> String {
                let applied = try await sandbox.tproxy(
                    backend.apply + ["--facts", "-"] + more, input: ApplyTests.facts)
                #expect(applied.status == 0, "\(applied.errors)")
                return applied.output
            }
            #expect(try await apply().hasSuffix(added))
            let replaced = try await apply(["--redirect-outbound-port", "15099"])
            #expect(replaced.hasPrefix("replaced ") && !replaced.contains("::6"))
            try await sandbox.shell("ip -6 address delete ::6/128 dev lo")
            let unchanged = try await apply(["--redirect-outbound-port", "15099"])
            #expect(unchanged.hasPrefix("unchanged: ") && unchanged.hasSuffix(added))
        }
    }

    @Test(arguments: BackendUnderTest.allCases)
    func applyDeletesTheAddressAfterAFlush(backend: BackendUnderTest) async throws {
        try await Sandbox.with { sandbox in
            try await apply(sandbox, backend)
            try await sandbox.shell(Self.flush)
            try await apply(sandbox, backend, ["--ip-family-mode", "ipv4"])
            #expect(try await addresses(sandbox) == "")
            try await apply(sandbox, backend)
            try await sandbox.shell(Self.flush)
            // Rules that need the address take it over.
            try await apply(sandbox, backend)
            #expect(try await sandbox.tproxy(["status"]).status == 0)
            _ = try await sandbox.tproxy(["remove"])
            #expect(try await addresses(sandbox) == "")
        }
    }

    @Test(arguments: BackendUnderTest.allCases)
    func adminsAddressStays(backend: BackendUnderTest) async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.shell(Self.plain)
            let before = try await sandbox.shell("ip address show lo")
            try await apply(sandbox, backend)
            try await sandbox.shell(Self.flush)
            #expect(try await sandbox.tproxy(["remove"]).output == "nothing to remove\n")
            try await apply(sandbox, backend)
            try await apply(sandbox, backend, ["--ip-family-mode", "ipv4"])
            _ = try await sandbox.tproxy(["remove"])
            #expect(try await sandbox.shell("ip address show lo") == before)
            // A flush of the addresses deletes ours, and an admin's replaces it.
            try await sandbox.shell("ip -6 address del ::6/128 dev lo")
            try await apply(sandbox, backend)
            try await sandbox.shell(
                "\(Self.flush)\nip -6 address del ::6/128 dev lo; \(Self.plain)")
            #expect(try await sandbox.tproxy(["remove"]).output == "nothing to remove\n")
            #expect(try await sandbox.shell("ip address show lo") == before)
        }
    }

    /// The last removal deletes it.
    @Test(arguments: [("mesh", "other"), ("other", "mesh")], BackendUnderTest.allCases)
    func addressStaysWhileAnotherInstanceNeedsIt(
        order: (String, String), backend: BackendUnderTest
    ) async throws {
        try await Sandbox.with { sandbox in
            try await apply(sandbox, backend)
            let ports = ["--redirect-inbound-port", "16006", "--redirect-outbound-port", "16001"]
            try await apply(sandbox, .nft, ["--instance", "other", "--no-preflight"] + ports)
            let first = try await sandbox.tproxy(["remove", "--instance", order.0])
            #expect(first.status == 0, "\(first.errors)")
            #expect(try await addresses(sandbox) == "inet6 ::6/128\n")
            #expect(try await sandbox.tproxy(["status", "--instance", order.1]).status == 0)
            let second = try await sandbox.tproxy(["remove", "--instance", order.1])
            #expect(second.output.contains("removed ::6/128 on lo"), "\(second.output)")
            #expect(try await addresses(sandbox) == "")
        }
    }

    @Test(arguments: BackendUnderTest.allCases)
    func statusReportsAMissingAddress(backend: BackendUnderTest) async throws {
        try await Sandbox.with { sandbox in
            try await apply(sandbox, backend)
            for change in [
                "ip -6 address del ::6/128 dev lo",
                "ip -6 address replace ::6/128 dev lo valid_lft 50 preferred_lft 50",
            ] {
                try await sandbox.shell(change)
                let status = try await sandbox.tproxy(["status"])
                #expect(status.status == 2)
                #expect(status.errors.contains("[address-not-kept]"), "\(status.errors)")
                let json = try await sandbox.tproxy(["status", "--output", "json"])
                #expect(try await JSONSchemaCheck.problems(json.output, "status-2") == "")
                try await apply(sandbox, backend)
                #expect(try await sandbox.tproxy(["status"]).status == 0)
            }
        }
    }

    /// Versions up to 0.1.0 added it without our metric, and their rules record that it is theirs.
    @Test(arguments: BackendUnderTest.allCases)
    func addressOfAnOlderVersionIsTakenOver(backend: BackendUnderTest) async throws {
        try await Sandbox.with { sandbox in
            try await apply(sandbox, backend)
            try await sandbox.shell("ip -6 address del ::6/128 dev lo; \(Self.plain)")
            try await apply(sandbox, backend, ["--redirect-outbound-port", "15099"])
            try await sandbox.shell(Self.flush)
            _ = try await sandbox.tproxy(["remove"])
            #expect(try await addresses(sandbox) == "")
        }
    }
}
