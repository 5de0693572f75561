import Foundation
import Testing
import TproxyTestSupport

/// `sh` loads from the script of kumactl's dry run what an installation loads.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct DryRunScriptTests {
    private static let completion = "# transparent proxy setup completed successfully\n"
    private static let inputs = ["--config", "tproxy.yaml", "--facts", "facts.json"]

    private static func install(_ backend: String) -> [String] {
        ["install", "transparent-proxy", "--backend", backend] + inputs
    }

    /// The loaded rules without counters and without the submission, and the addresses of `lo`.
    private static func loaded(_ sandbox: Sandbox, _ backend: String) async throws -> String {
        guard backend == "nft" else {
            let saved = try await IptablesApplyTests.saved(
                sandbox, backend.replacing("iptables-", with: ""))
            // Each rule begins with its counters: [packets:bytes]. A script records no time.
            return saved.split(separator: "\n").filter { !$0.contains(" \"at 2") }.map { line in
                line.hasPrefix("[") ? line.drop { $0 != "]" } : line
            }.joined(separator: "\n")
        }
        let listing = try await sandbox.shell("nft --stateless list ruleset")
        return TableListing.withoutAddress(listing)
            + (try await sandbox.shell("ip -6 address show dev lo"))
    }

    private static let cases =
        Scenario.all.map { ($0, "nft") }
        + Scenario.all.filter {
            ["default", "everything", "gateway", "no-ipv6-host"].contains($0.name)
        }
        .flatMap { scenario in ["iptables-nft", "iptables-legacy"].map { (scenario, $0) } }

    @Test(arguments: cases)
    func scriptLoadsWhatAnInstallationLoads(scenario: Scenario, backend: String) async throws {
        let folder = scenario.folder.path
        try await Sandbox.with { sandbox in
            let real = try await sandbox.tproxy(Self.install(backend), in: folder)
            #expect(real.status == 0, "\(real.errors)")
            #expect(real.output.hasSuffix("\n" + Self.completion), "\(real.output)")
            let expected = try await Self.loaded(sandbox, backend)
            let removed = try await sandbox.tproxy(["remove"])

            let before = try await sandbox.state()
            let dry = try await sandbox.tproxy(
                Self.install(backend) + ["--dry-run"], in: folder)
            #expect(dry.status == 0, "\(dry.errors)")
            #expect(dry.output.hasPrefix("#!/bin/sh\n# "))
            #expect(dry.output.hasSuffix("\n" + Self.completion))
            let diagnostics = dry.errors.split(separator: "\n")
            #expect(diagnostics.allSatisfy { $0.hasPrefix("# ") }, "\(dry.errors)")
            #expect(try await sandbox.state() == before)

            let run = try await sandbox.run("sh", input: dry.output)
            #expect(run.status == 0, "\(run.errors)\n\(dry.output)")
            #expect(run.output.isEmpty && run.errors.isEmpty, "\(run.output)\(run.errors)")
            #expect(try await Self.loaded(sandbox, backend) == expected)
            // The identity is tproxy's: these rules are intact and removed completely.
            let status = try await sandbox.tproxy(["status"])
            #expect(status.status == 0, "\(status.output)\(status.errors)")
            let diff = try await sandbox.tproxy(
                ["diff", "--backend", backend] + Self.inputs, in: folder)
            #expect(diff.status == 0, "\(diff.output)\(diff.errors)")
            let again = try await sandbox.tproxy(["remove"])
            #expect(again.output == removed.output)
            #expect(try await sandbox.state() == before)
        }
    }

    /// What reads the output together with the diagnostics is still a script.
    @Test(arguments: [
        "--dry-run", "--dry-run --verbose", "--config dry.yaml --config-file old.yaml",
    ])
    func outputWithDiagnosticsIsAScript(flags: String) async throws {
        let folder = try TestFolder()
        try "dryRun: true\nredirect: {dns: {captureAll: true}}\n".write(
            toFile: folder.path(of: "dry.yaml"), atomically: false, encoding: .utf8)
        try "{}".write(toFile: folder.path(of: "old.yaml"), atomically: false, encoding: .utf8)
        try await Sandbox.with { sandbox in
            let run = try await sandbox.run(
                "sh",
                [
                    "-c",
                    "\(Command.tproxy) install transparent-proxy --kuma-dp-user 0 \(flags) > all 2>&1"
                        + " && tail -n 1 all && sh all",
                ], in: folder.url.path)
            #expect(run.status == 0 && run.errors.isEmpty, "\(run.output)\(run.errors)")
            #expect(run.output == Self.completion)
            let all = try String(contentsOfFile: folder.path(of: "all"), encoding: .utf8)
            #expect(all.contains("# warning: the proxy's user is root"), "\(all)")
            #expect(try await sandbox.tproxy(["status"]).status == 0)
        }
    }

    @Test func refusalsAndErrorsAreCommentsWithoutCompletion() async throws {
        try await Sandbox.with { sandbox in
            let dry = ["install", "transparent-proxy", "--dry-run", "--kuma-dp-user", "0"]
            for more in [["--ebpf-enabled"], ["--strict"], ["--wait", "x"]] {
                let outcome = try await sandbox.tproxy(dry + more)
                #expect(outcome.status == 1 && outcome.output.isEmpty, "\(outcome)")
                let lines = outcome.errors.split(separator: "\n")
                #expect(lines.allSatisfy { $0.hasPrefix("# ") }, "\(outcome.errors)")
                #expect(lines.contains { $0.contains("error: ") })
            }
        }
    }

    /// With JSON, stdout is one document.
    @Test(arguments: [["--dry-run"], []])
    func documentHasNoOtherLine(flags: [String]) async throws {
        try await Sandbox.with { sandbox in
            let outcome = try await sandbox.tproxy(
                ["install", "transparent-proxy", "--kuma-dp-user", "5678", "--output", "json"]
                    + flags)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.hasPrefix("{") && outcome.output.hasSuffix("}\n"))
        }
    }

    /// A program that fails leaves nothing behind, and an address of another program stays.
    @Test(arguments: [("nft", "nft"), ("iptables-nft", "ip6tables-nft-restore")])
    func scriptThatFailsChangesNothing(backend: String, program: String) async throws {
        let scenario = try #require(Scenario.all.first { $0.name == "default" }).folder.path
        let folder = try TestFolder()
        try "#!/bin/sh\nexit 3\n".write(
            toFile: folder.path(of: program), atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: folder.path(of: program))
        try await Sandbox.with { sandbox in
            let before = try await sandbox.state()
            let dry = try await sandbox.tproxy(
                Self.install(backend) + ["--dry-run"], in: scenario)
            let path = "\(folder.url.path):/usr/sbin:/usr/bin:/sbin:/bin"
            let failed = try await sandbox.run("sh", environment: ["PATH": path], input: dry.output)
            #expect(failed.status != 0, "\(failed)")
            #expect(try await sandbox.state() == before)

            try await sandbox.shell("ip -6 address add ::6/128 dev lo")
            let foreign = try await sandbox.state()
            let refused = try await sandbox.run("sh", input: dry.output)
            #expect(refused.status != 0, "\(refused)")
            #expect(try await sandbox.state() == foreign)
        }
    }
}
