import Foundation
import Testing
import TproxyTestSupport

/// What `export` refuses and what it leaves alone.
///
/// `SystemdBootTests` and `NftablesFileTests` load what it writes.
@Suite struct ExportTests {
    /// Runs `body` with a new folder.
    private func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("tproxy-export-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    private func contents(_ file: URL) throws -> String {
        try String(contentsOf: file, encoding: .utf8)
    }

    @Test(arguments: [
        (["export", "systemd", "--remove", "--output", "-"], "invalid-argument"),
        (["export", "nftables", "--remove", "--output", "-"], "invalid-argument"),
        (["export", "systemd", "--remove", "--enable"], "conflicting-flags"),
        (["export", "systemd", "--enable", "--output", "-"], "invalid-argument"),
        (["export", "nftables", "--kuma-dp-user", "1", "--dry-run"], "dry-run-export"),
        (["export", "systemd", "--kuma-dp-user", "1", "--dry-run"], "dry-run-export"),
        (["export", "nftables", "--kuma-dp-user", "1", "--ebpf-enabled"], "no-ebpf"),
        (
            ["export", "systemd", "--kuma-dp-user", "1", "--store-firewalld"],
            "stored-for-firewalld-too"
        ),
        (
            ["export", "nftables", "--kuma-dp-user", "1", "--output", "/etc/no/such/folder/x.nft"],
            "unwritable-file"
        ),
    ])
    func refusedExportsEndInADiagnosticWithARemedy(arguments: [String], id: String) async throws {
        let outcome = try await Command.tproxy(arguments)
        #expect(outcome.status == 1)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("[\(id)]"), "\(outcome.errors)")
        #expect(outcome.errors.contains("help: "))
    }

    /// At boot, a unit can read neither what was piped in nor what a reboot deletes.
    @Test func configurationThatIsGoneAtBootIsRefused() async throws {
        let user = ["export", "systemd", "--output", "-", "--kuma-dp-user", "1"]
        let piped = try await Command.tproxy(user + ["--config", "-"], input: "{}")
        #expect(piped.status == 1)
        #expect(piped.errors.contains("'-' at boot: it is this command's standard input"))
        let substituted = try await Command.run(
            "bash", ["-c", #""$0" "$@" --config <(echo "{}")"#, Command.tproxy] + user)
        #expect(substituted.status == 1)
        #expect(substituted.errors.contains("/proc doesn't survive a reboot"))
        let file = URL(fileURLWithPath: "/tmp").appendingPathComponent("tproxy-\(UUID()).yaml")
        try Data("{}".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let temporary = try await Command.tproxy(user + ["--config", file.path])
        #expect(temporary.status == 1)
        #expect(temporary.errors.contains("/tmp doesn't survive a reboot"))
        #expect(temporary.errors.contains("/etc/tproxy"))
    }

    @Test func nftablesFileHasAMarkerAndThePlannedTable() async throws {
        let folder = try #require(Scenario.all.first { $0.name == "default" }).folder.path
        let inputs = ["--config", "tproxy.yaml", "--facts", "facts.json"]
        let plan = try await Command.tproxy(["plan", "--format", "nft"] + inputs, in: folder)
        let exported = try await Command.tproxy(
            ["export", "nftables", "--output", "-"] + inputs, in: folder)
        #expect(exported.status == 0)
        #expect(exported.output.hasPrefix("# Written by tproxy "))
        #expect(exported.output.hasSuffix("\n\n" + plan.output))
        #expect(exported.errors.contains("[address-not-in-file]"))
    }

    @Test func exportReplacesAndRemovesItsOwnFile() async throws {
        try await withFolder { folder in
            let file = folder.appendingPathComponent("mesh.nft")
            let export = ["export", "nftables", "--output", file.path]
            let user = ["--kuma-dp-user", "1"]
            let first = try await Command.tproxy(export + user)
            #expect(first.output == "wrote \(file.path)\n", "\(first.errors)")
            let second = try await Command.tproxy(export + user)
            #expect(second.output == "unchanged: \(file.path)\n")
            let other = try await Command.tproxy(export + ["--kuma-dp-user", "2"])
            #expect(other.output == "replaced \(file.path)\n")
            let removed = try await Command.tproxy(export + ["--remove"])
            #expect(removed.output == "removed \(file.path)\n")
            let again = try await Command.tproxy(export + ["--remove"])
            #expect(again.output == "nothing to remove\n")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        }
    }

    @Test(arguments: [["--kuma-dp-user", "1"], ["--remove"]])
    func foreignAndEditedFilesStay(arguments: [String]) async throws {
        try await withFolder { folder in
            let file = folder.appendingPathComponent("mesh.nft")
            let export = ["export", "nftables", "--output", file.path]
            try Data("# mine\n".utf8).write(to: file)
            let foreign = try await Command.tproxy(export + arguments)
            #expect(foreign.status == 1)
            #expect(foreign.errors.contains("[foreign-file]"), "\(foreign.errors)")
            #expect(try contents(file) == "# mine\n")

            try FileManager.default.removeItem(at: file)
            #expect(try await Command.tproxy(export + ["--kuma-dp-user", "1"]).status == 0)
            let edited = try contents(file) + "table ip mine {}\n"
            try Data(edited.utf8).write(to: file)
            let refused = try await Command.tproxy(export + arguments)
            #expect(refused.status == 1)
            #expect(refused.errors.contains("[edited-file]"), "\(refused.errors)")
            #expect(try contents(file) == edited)
        }
    }
}
