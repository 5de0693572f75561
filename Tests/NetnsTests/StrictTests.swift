import Foundation
import Testing
import TproxyTestSupport

/// With `--strict`, a warning of any origin refuses before anything changes.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct StrictTests {
    /// What causes one warning on a clean host.
    struct Cause: Sendable, CustomTestStringConvertible {
        var id: String
        var flags: [String] = []
        var environment: [String: String] = [:]
        var user = "5678"
        var setUp = "true"

        var testDescription: String { id }
    }

    private static let causes = [
        Cause(id: "duration-without-unit", flags: ["--sleep-between-retries", "3"]),
        Cause(id: "deprecated-flag", flags: ["--skip-resolv-conf"]),
        Cause(id: "unknown-variable", environment: ["KUMA_TRANSPARENT_PROXY_NO_SUCH": "1"]),
        Cause(id: "incomplete-executables", flags: ["--iptables-executables", "iptables:/x"]),
        Cause(
            id: "uncertain-fact",
            environment: ["KUMA_TRANSPARENT_PROXY_REDIRECT_DNS_RESOLV_CONFIG_PATH": "/absent"]),
        Cause(
            id: "ipv6-not-redirected",
            setUp: "for i in eth0 eth1; do sysctl -qw net.ipv6.conf.$i.disable_ipv6=1; done"),
        Cause(id: "root-proxy-user", user: "0"),
    ]

    private static let commands = [
        ["plan"], ["preflight"], ["apply"], ["install", "transparent-proxy"],
        ["install", "transparent-proxy", "--dry-run"],
    ]

    @Test(arguments: causes)
    func everyWarningRefuses(cause: Cause) async throws {
        try await PreflightHost.with { host in
            try await host.sandbox.shell(cause.setUp)
            try await host.run(as: Int(cause.user) ?? 0, PreflightHost.proxy)
            let before = try await host.sandbox.state()
            for command in Self.commands {
                let words = command + ["--kuma-dp-user", cause.user] + cause.flags
                let refused = try await host.sandbox.tproxy(
                    words + ["--strict"], environment: cause.environment)
                #expect(refused.status == 1, "\(command): \(refused)")
                let said = refused.output + refused.errors
                #expect(said.contains("[\(cause.id)]"), "\(command): \(said)")
                #expect(
                    refused.errors.contains("there is 1 warning, and --strict is given"),
                    "\(command): \(said)")
                #expect(refused.output.isEmpty || command == ["preflight"])
                #expect(try await host.sandbox.state() == before)
            }
            // Without the flag, preflight alone has another status.
            let preflight = try await host.sandbox.tproxy(
                ["preflight", "--kuma-dp-user", cause.user] + cause.flags,
                environment: cause.environment)
            #expect(preflight.status == 2, "\(preflight)")
            let applied = try await host.sandbox.tproxy(
                ["apply", "--kuma-dp-user", cause.user] + cause.flags,
                environment: cause.environment)
            #expect(applied.status == 0, "\(applied.errors)")
        }
    }

    @Test func strictIsSilentOnACleanHost() async throws {
        try await PreflightHost.with { host in
            try await host.run(as: 5678, PreflightHost.proxy)
            for command in Self.commands {
                let outcome = try await host.sandbox.tproxy(
                    command + ["--kuma-dp-user", "5678", "--strict"])
                #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(command): \(outcome)")
            }
        }
    }

    @Test func notesAreNoWarningsAndFollowThem() async throws {
        try await PreflightHost.with { host in
            // Nothing listens, which is a note.
            let preflight = ["preflight", "--kuma-dp-user"]
            let noted = try await host.sandbox.tproxy(preflight + ["5678", "--strict"])
            #expect(noted.status == 0 && noted.output.contains("[no-listener]"), "\(noted)")
            let warned = try await host.sandbox.tproxy(preflight + ["0", "--output", "json"])
            #expect(warned.status == 2)
            struct Report: Decodable {
                struct Finding: Decodable { var severity: String }
                var findings: [Finding]
            }
            let severities = try JSONDecoder().decode(
                Report.self, from: Data(warned.output.utf8)
            ).findings.map(\.severity)
            #expect(severities.contains("warning") && severities.contains("note"))
            #expect(severities == severities.sorted(by: >), "\(severities)")
        }
    }

    /// Leaving the preflight out leaves the other warnings in.
    @Test func strictRefusesWithoutThePreflight() async throws {
        try await PreflightHost.with { host in
            let apply = ["apply", "--kuma-dp-user", "0", "--strict", "--no-preflight"]
            let refused = try await host.sandbox.tproxy(apply + ["--skip-resolv-conf"])
            #expect(refused.status == 1 && refused.errors.contains("[warnings-refused]"))
            #expect(try await host.sandbox.tproxy(["status"]).status == 1)
            #expect(try await host.sandbox.tproxy(apply).status == 0)
        }
    }

    /// A plan file keeps the warnings that it was made with, and a refused plan isn't written.
    @Test func planFilesKeepTheirWarnings() async throws {
        let folder = try TestFolder()
        let plan = ["plan", "--kuma-dp-user", "5678", "--output-file", folder.path(of: "p")]
        try await PreflightHost.with { host in
            try await host.run(as: 5678, PreflightHost.proxy)
            let refused = try await host.sandbox.tproxy(plan + ["--strict", "--skip-resolv-conf"])
            #expect(refused.status == 1)
            #expect(!FileManager.default.fileExists(atPath: folder.path(of: "p")))
            #expect(try await host.sandbox.tproxy(plan + ["--skip-resolv-conf"]).status == 0)
            let apply = ["apply", "--plan", folder.path(of: "p")]
            let strict = try await host.sandbox.tproxy(apply + ["--strict"])
            #expect(strict.status == 1 && strict.errors.contains("[recorded-warning]"), "\(strict)")
            #expect(try await host.sandbox.tproxy(["status"]).status == 1)
            #expect(try await host.sandbox.tproxy(apply).status == 0)
        }
    }

    /// Warnings about firewalld's file refuse before the rules are loaded.
    @Test func warningsAboutTheStoredFileRefuse() async throws {
        let folder = try TestFolder()
        let store = [
            "apply", "--kuma-dp-user", "5678", "--store-firewalld", "--firewalld-file",
            folder.path(of: "direct.xml"),
        ]
        try await PreflightHost.with { host in
            try await host.run(as: 5678, PreflightHost.proxy)
            let before = try await host.sandbox.state()
            let refused = try await host.sandbox.tproxy(store + ["--strict"])
            #expect(refused.status == 1, "\(refused)")
            #expect(refused.errors.contains("[address-not-stored]"), "\(refused.errors)")
            #expect(try await host.sandbox.state() == before)
            #expect(!FileManager.default.fileExists(atPath: folder.path(of: "direct.xml")))
        }
    }

    /// `status` and `remove` warn as `apply` does.
    @Test(arguments: [["status"], ["remove"], ["uninstall", "transparent-proxy"]])
    func incompleteProgramsAreWarnedOf(command: [String]) async throws {
        try await Sandbox.with { sandbox in
            let applied = try await sandbox.tproxy(["apply", "--kuma-dp-user", "5678"])
            #expect(applied.status == 0)
            let outcome = try await sandbox.tproxy(
                command + ["--iptables-executables", "iptables:/usr/sbin/iptables"])
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.errors.contains("[incomplete-executables]"), "\(outcome.errors)")
            #expect(outcome.errors.contains("lacks iptables-save, iptables-restore"))
        }
    }

    /// Options that kumactl has are accepted with a note.
    @Test(arguments: [["--verbose"], ["--ebpf-enabled"], ["--ebpf-bpffs-path", "/sys/fs/bpf"]])
    func optionsOfKumactlAreNoted(flag: [String]) async throws {
        try await Sandbox.with { sandbox in
            #expect(try await sandbox.tproxy(["apply", "--kuma-dp-user", "5678"]).status == 0)
            let outcome = try await sandbox.tproxy(["uninstall", "transparent-proxy"] + flag)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.errors.contains("note: \(flag[0]) has no effect"), "\(outcome.errors)")
        }
    }
}
