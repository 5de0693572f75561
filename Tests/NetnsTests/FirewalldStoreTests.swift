import Foundation
import Testing
import TproxyTestSupport

/// `--store-firewalld`: loads and stores rules, and removes both.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct FirewalldStoreTests {
    /// Facts of a host with IPv6, which the sandbox lacks.
    private static let facts = [
        "--facts", Scenario.root.appendingPathComponent("rulesets/default/facts.json").path,
    ]
    private static let foreign = "<direct>\n  <!-- the admin's -->\n</direct>\n"

    /// A `direct.xml` in a new folder, and flags that name it.
    private func withFile(
        _ body: (_ file: String, _ flags: [String]) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("tproxy-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("direct.xml").path
        try Self.foreign.write(toFile: file, atomically: false, encoding: .utf8)
        try await body(file, ["--store-firewalld", "--firewalld-file", file])
    }

    /// `install transparent-proxy --redirect-dns --store-firewalld`, as Kuma's documentation has it.
    @Test func kumasExampleLoadsStoresAndRemoves() async throws {
        try await Sandbox.with { sandbox in
            try await withFile { file, flags in
                let before = try await sandbox.state()
                let installed = try await sandbox.tproxy(
                    ["install", "transparent-proxy", "--kuma-dp-user", "5678", "--redirect-dns"]
                        + Self.facts + flags)
                #expect(installed.status == 0, "\(installed.errors)")
                #expect(installed.output.contains("installed chains KUMA_MESH_* of iptables-"))
                #expect(installed.output.contains("stored "))
                let status = try await sandbox.tproxy(["status", "--output", "json"])
                #expect(status.status == 0, "\(status.errors)")
                let digest = try #require(status.output.firstMatch(of: /[0-9a-f]{64}/)).output
                let stored = try String(contentsOfFile: file, encoding: .utf8)
                #expect(stored.contains("digest \(digest), in <direct>"))
                #expect(stored.contains("--to-ports 15053"))
                #expect(stored.contains("'address ::6@lo'"))
                let again = try await sandbox.tproxy(
                    ["install", "transparent-proxy", "--kuma-dp-user", "5678", "--redirect-dns"]
                        + Self.facts + flags)
                #expect(
                    again.output.split(separator: "\n").allSatisfy {
                        $0.hasPrefix("unchanged") || $0.hasPrefix("# ")
                    })
                let exported = try await sandbox.tproxy(
                    [
                        "export", "firewalld", "--kuma-dp-user", "5678", "--redirect-dns",
                        "--output", file,
                    ] + Self.facts)
                #expect(exported.output.hasPrefix("unchanged"), "\(exported.output)")
                let removed = try await sandbox.tproxy(["uninstall", "transparent-proxy"] + flags)
                #expect(removed.status == 0, "\(removed.errors)")
                #expect(try String(contentsOfFile: file, encoding: .utf8) == Self.foreign)
                let after = try await sandbox.state()
                #expect(withoutEmptyTables(after) == withoutEmptyTables(before))
            }
        }
    }

    @Test func storeByVariableSelectsIptablesAndRefusesNft() async throws {
        try await Sandbox.with { sandbox in
            try await withFile { file, _ in
                let apply = ["apply", "--kuma-dp-user", "5678", "--firewalld-file", file]
                let store = ["KUMA_TRANSPARENT_PROXY_STORE_FIREWALLD": "true"]
                let refused = try await sandbox.tproxy(
                    apply + ["--backend", "nft"], environment: store)
                #expect(refused.status == 1)
                #expect(refused.errors.contains("[firewalld-needs-iptables]"))
                #expect(try await sandbox.tproxy(["status"]).status == 1)
                let stored = try await sandbox.tproxy(apply, environment: store)
                #expect(stored.status == 0, "\(stored.errors)")
                #expect(try String(contentsOfFile: file, encoding: .utf8).contains("KUMA_MESH_"))
            }
        }
    }

    @Test func removalWithoutTheFileWarnsThatRulesAreStillStored() async throws {
        try await Sandbox.with { sandbox in
            try await withFile { file, flags in
                _ = try await sandbox.tproxy(["apply", "--kuma-dp-user", "5678"] + flags)
                let removed = try await sandbox.tproxy(["remove", "--firewalld-file", file])
                #expect(removed.status == 0)
                #expect(removed.errors.contains("[still-stored]"), "\(removed.errors)")
                let dry = try await sandbox.tproxy(["remove", "--dry-run"] + flags)
                #expect(dry.output.contains("would remove "))
                let rest = try await sandbox.tproxy(["remove"] + flags)
                #expect(rest.output.contains("elements from \(file)"))
                #expect(try String(contentsOfFile: file, encoding: .utf8) == Self.foreign)
                #expect(
                    try await sandbox.tproxy(["remove"] + flags).output == "nothing to remove\n")
            }
        }
    }

    @Test(arguments: [".direct.xml.tproxy-lock", ".direct.xml.tproxy-1-2"])
    func removalDeletesWhatAKilledRunLeftBesideTheFile(name: String) async throws {
        try await Sandbox.with { sandbox in
            try await withFile { file, flags in
                let left = URL(fileURLWithPath: file).deletingLastPathComponent()
                    .appendingPathComponent(name).path
                try "".write(toFile: left, atomically: false, encoding: .utf8)
                _ = try await sandbox.tproxy(["remove", "--dry-run"] + flags)
                #expect(FileManager.default.fileExists(atPath: left))
                let removed = try await sandbox.tproxy(["remove"] + flags)
                #expect(removed.output == "nothing to remove\n")
                #expect(!FileManager.default.fileExists(atPath: left))
            }
        }
    }

    @Test func malformedFileIsRefusedBeforeAnythingChanges() async throws {
        try await Sandbox.with { sandbox in
            try await withFile { file, flags in
                try "<direct>".write(toFile: file, atomically: false, encoding: .utf8)
                let refused = try await sandbox.tproxy(
                    ["apply", "--kuma-dp-user", "5678"] + flags)
                #expect(refused.status == 1)
                #expect(refused.errors.contains("[malformed-direct-xml]"))
                #expect(try await sandbox.tproxy(["status"]).status == 1)
            }
        }
    }

    private func apply(
        _ sandbox: Sandbox, _ file: String, _ flags: [String], after preparation: String
    ) async throws -> Command.Outcome {
        let apply = ([Command.tproxy, "apply", "--kuma-dp-user", "5678"] + flags)
            .joined(separator: " ")
        return try await sandbox.run(
            "unshare", ["--mount", "sh", "-c", "\(preparation) && { \(apply); exit $?; }"])
    }

    @Test func unwritableFileIsRefusedBeforeAnythingChanges() async throws {
        try await Sandbox.with { sandbox in
            try await withFile { file, flags in
                let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
                let outcome = try await apply(
                    sandbox, file, flags,
                    after: "mount --bind \(folder) \(folder) && mount -o remount,bind,ro \(folder)")
                #expect(outcome.status == 1)
                #expect(outcome.output.isEmpty)
                #expect(outcome.errors.contains("its file system is mounted read-only"))
                let missing = try await sandbox.tproxy(
                    [
                        "apply", "--kuma-dp-user", "5678", "--store-firewalld",
                        "--firewalld-file", "\(folder)/missing/direct.xml",
                    ])
                #expect(missing.errors.contains("its folder doesn't exist"), "\(missing.errors)")
                #expect(try await sandbox.tproxy(["status"]).status == 1)
            }
        }
    }

    @Test func failedStoreSaysThatTheRulesAreLoaded() async throws {
        try await Sandbox.with { sandbox in
            try await withFile { file, flags in
                let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
                let outcome = try await apply(
                    sandbox, file, flags,
                    after: """
                        mount -t tmpfs -o size=64k tmpfs \(folder)
                        cat /dev/zero > \(folder)/filler 2>/dev/null; true
                        """)
                #expect(outcome.status == 1)
                #expect(outcome.output.hasPrefix("installed "))
                #expect(outcome.errors.contains("no space left"), "\(outcome.errors)")
                #expect(outcome.errors.contains("the rules are loaded and redirect now"))
                #expect(try await sandbox.tproxy(["status"]).status == 0)
                let again = try await sandbox.tproxy(["apply", "--kuma-dp-user", "5678"] + flags)
                #expect(again.output.hasPrefix("unchanged: chains"))
                #expect(again.output.contains("stored "))
            }
        }
    }

    /// `FirewallBackend=iptables` puts rules for OUTPUT into OUTPUT_direct, to which OUTPUT jumps.
    @Test(arguments: IptablesApplyTests.flavours)
    func rulesInFirewalldsChainsAreRecognised(flavour: String) async throws {
        try await Sandbox.with { sandbox in
            _ = try await sandbox.tproxy(
                [
                    "apply", "--kuma-dp-user", "5678", "--redirect-dns", "--backend",
                    "iptables-\(flavour)",
                ] + Self.facts)
            for tool in ["iptables", "ip6tables"] {
                try await sandbox.shell(
                    """
                    \(tool)-\(flavour)-save | sed -E \
                        '/^-A (OUTPUT|PREROUTING) /s/^-A ([A-Z]+)/-A \\1_direct/
                         s/^:(OUTPUT|PREROUTING) .*/&\\n:\\1_direct - [0:0]\\n-A \\1 -j \\1_direct/' \
                        | \(tool)-\(flavour)-restore
                    """)
            }
            let listed = try await sandbox.shell("iptables-\(flavour) -t nat -S")
            #expect(listed.contains("-A OUTPUT_direct"), "\(listed)")
            let status = try await sandbox.tproxy(["status"])
            #expect(status.status == 0, "\(status.output)\(status.errors)")
            let removed = try await sandbox.tproxy(["remove"])
            #expect(removed.status == 0, "\(removed.errors)")
            #expect(removed.output.contains("removed ::6/128 on lo"))
            let left = try await sandbox.shell(
                "iptables-\(flavour)-save; ip6tables-\(flavour)-save")
            #expect(!left.contains("KUMA_MESH_") && !left.contains("15053"), "\(left)")
        }
    }

    /// iptables-nft leaves its tables behind, empty.
    private func withoutEmptyTables(_ state: String) -> String {
        state.replacing(/table ip6? (nat|raw|mangle) \{[^{}]*(\{[^{}]*\}[^{}]*)*\}\n/, with: "")
    }
}
