import Foundation
import Testing
import TproxyTestSupport

/// A list of any length is one set.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct LongListTests {
    /// Every other address, so that nothing can be merged.
    private static let yaml: String = {
        let addresses = (0..<100_000).map { index in
            "      - 10.\(index >> 15 & 255).\(index >> 7 & 255).\(index << 1 & 255)"
        }
        let ports = (0..<1_000).map { "\(10_000 + 2 * $0)" }.joined(separator: ", ")
        return """
            redirect:
              outbound:
                excludePorts: [\(ports)]
                excludePortsForIPs:
            \(addresses.joined(separator: "\n"))
            """
    }()

    @Test func hundredThousandExclusionsAreOneSet() async throws {
        try await Sandbox.with { sandbox in
            let folder = try await sandbox.shell("mktemp -d")
                .trimmingCharacters(in: .whitespacesAndNewlines)
            try await sandbox.shell("cat > \(folder)/facts.json <<'E'\n\(ApplyTests.facts)\nE")
            let inputs = ["--config", "-", "--facts", "\(folder)/facts.json"]
            let applied = try await sandbox.tproxy(["apply"] + inputs, input: Self.yaml)
            #expect(applied.status == 0, "\(applied.errors)")

            let sets = try await sandbox.shell(
                "nft list sets table inet tproxy_mesh 2>/dev/null | grep -cE '^[[:space:]]+set [a-z0-9_]+ [{]'; true"
            )
            #expect(sets == "3\n")
            let listing = try await sandbox.shell(
                "nft -j list set inet tproxy_mesh outbound_excluded_ipv4 | tr ',' '\\n' | grep -c '\"10\\.'"
            )
            #expect(listing == "100000\n")
            // One rule looks up each set.
            let rules = try await sandbox.shell(
                "nft list table inet tproxy_mesh | grep -c '@outbound_excluded'")
            #expect(
                (1...3).contains(Int(rules.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0),
                "\(rules)")

            let again = try await sandbox.tproxy(["apply"] + inputs, input: Self.yaml)
            #expect(again.output.hasPrefix("unchanged"), "\(again.output)")

            let explained = try await sandbox.tproxy(
                ["explain", "--to", "10.3.12.34:80"] + inputs, input: Self.yaml)
            #expect(explained.output.contains("outcome   bypassed"))
            // 10.3.12.34 is item (3 << 15 | 12 << 7 | 17).
            #expect(
                explained.output.contains("redirect.outbound.excludePortsForIPs[99857]"),
                "\(explained.output)")
            let port = try await sandbox.tproxy(
                ["explain", "--to", "192.0.2.1:11998"] + inputs, input: Self.yaml)
            #expect(port.output.contains("redirect.outbound.excludePorts[999]"))
            let removed = try await sandbox.tproxy(["remove"])
            #expect(removed.status == 0)
            try await sandbox.shell("rm -r \(folder)")
        }
    }
}
