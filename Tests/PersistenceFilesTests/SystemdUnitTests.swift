import Foundation
import PersistenceFiles
import RuleIR
import Testing
import TproxyTestSupport

/// The unit, as systemd's own tools see it; `SystemdBootTests` boots with it.
@Suite struct SystemdUnitTests {
    private typealias Problem = SystemdUnit.Problem

    private func unit(
        program: String = "/usr/bin/env", configurationFiles: [String] = ["/etc/tproxy.yaml"],
        flags: [String] = ["--redirect-dns=true"], environment: [SystemdUnit.Variable] = []
    ) -> SystemdUnit {
        SystemdUnit(
            instance: .mesh, program: program, configurationFiles: configurationFiles,
            flags: flags, environment: environment, facts: "{\n  \"proxyUser\" : 5678\n}")
    }

    /// Runs systemd-analyze(1) on a file with the unit's text.
    private func analyze(_ arguments: [String], _ body: String) async throws -> Command.Outcome {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("tproxy-mesh.service")
        try Data(body.utf8).write(to: file)
        return try await Command.run("systemd-analyze", arguments + [file.path])
    }

    @Test func systemdAnalyzeVerifiesTheUnit() async throws {
        let outcome = try await analyze(["verify"], try unit().body())
        #expect(outcome.status == 0)
        #expect(outcome.output + outcome.errors == "")
    }

    /// The maximum is 10; root, the host's network, netlink and CAP_NET_ADMIN remain.
    @Test func exposureIsLow() async throws {
        let outcome = try await analyze(
            ["security", "--offline=true", "--threshold=15", "--no-pager"], try unit().body())
        #expect(outcome.status == 0, "\(outcome.output)")
    }

    /// systemd-analyze reports errors if there are any.
    @Test func systemdAnalyzeReportsAMistake() async throws {
        let body = try unit().body()
        let open = body.replacing("CapabilityBoundingSet=CAP_NET_ADMIN\n", with: "")
        #expect(
            try await analyze(["security", "--offline=true", "--threshold=15"], open).status != 0)
        let broken = body.replacing("Type=oneshot", with: "Typ=oneshot")
        #expect(try await analyze(["verify"], broken).errors.contains("Typ"))
    }

    @Test func startsAfterTheFlushAndBeforeTheNetwork() throws {
        let lines = try unit().body().split(separator: "\n").map(String.init)
        #expect(lines.contains("After=local-fs.target nftables.service firewalld.service"))
        #expect(lines.contains("Before=network-pre.target"))
        #expect(lines.contains("PartOf=nftables.service"))
        #expect(lines.contains("ReloadPropagatedFrom=nftables.service"))
        #expect(lines.contains("WantedBy=multi-user.target nftables.service"))
    }

    /// cloud-init precedes sysinit.target and waits for the network, which waits for the unit.
    @Test func cloudInitMakesNoCycle() async throws {
        #expect(try await !boot(with: unit().body()).contains("cycle"))
        let waiting = try unit().body().replacing("DefaultDependencies=no\n", with: "")
        #expect(try await boot(with: waiting).contains("cycle"))
    }

    /// Returns the messages of systemd-analyze for a host that boots with the unit and cloud-init.
    private func boot(with body: String) async throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let early =
            "[Service]\nType=oneshot\nExecStart=/usr/bin/env\n[Unit]\nDefaultDependencies=no\n"
        let units = [
            "tproxy-mesh.service": body,
            "networking.service": early + "After=network-pre.target\n",
            "cloud-init.service": early + "After=networking.service\nBefore=sysinit.target\n",
        ]
        let target = "[Unit]\nWants=sysinit.target \(units.keys.joined(separator: " "))\n"
        for (name, text) in units.merging(["boot.target": target], uniquingKeysWith: { $1 }) {
            try Data(text.utf8).write(to: folder.appendingPathComponent(name))
        }
        return try await Command.run(
            "systemd-analyze", ["--man=no", "verify", "boot.target"],
            environment: ["SYSTEMD_UNIT_PATH": folder.path + ":"]
        ).errors
    }

    @Test func commandsAreReadable() throws {
        let lines = try unit().body().split(separator: "\n").map(String.init)
        let apply =
            "/usr/bin/env apply --instance mesh --config /etc/tproxy.yaml --facts -"
            + " --redirect-dns=true"
        #expect(lines.contains("ExecStart=" + apply))
        #expect(lines.contains("ExecReload=" + apply))
        #expect(lines.contains("ExecStop=/usr/bin/env remove --instance mesh"))
    }

    @Test(arguments: [
        ("plain-/._=:,1", "plain-/._=:,1"), ("", #""""#), ("two words", #""two words""#),
        (";", #"";""#), ("100%i", #""100%%i""#), ("$HOME", #""$$HOME""#), (#"a"b"#, #""a\"b""#),
        (#"a\n"#, #""a\\n""#), ("a\nb\t", #""a\nb\t""#), ("\u{1}\u{7F}", #""\x01\x7f""#),
        ("größe", #""größe""#), ("#", ##""#""##),
    ])
    func argumentsAreQuoted(text: String, quoted: String) throws {
        let body = try unit(configurationFiles: [text], flags: []).body()
        #expect(body.contains("--config \(quoted) --facts -\n"))
    }

    /// Nothing that is handed in begins a line of its own.
    @Test func valuesCannotBecomeSettings() throws {
        let hostile = "x\nExecStartPre=/bin/false\n[Install]\n"
        let body = try unit(
            configurationFiles: [hostile], flags: ["--vnet=" + hostile],
            environment: [.init("KUMA_TRANSPARENT_PROXY_WAIT", hostile)]
        ).body()
        let lines = body.split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("Exec") } == 3)
        #expect(lines.count { $0.hasPrefix("[") } == 3)
    }

    @Test(arguments: [
        "/opt/a\"b", "/opt/a'b", #"/opt/a\b"#, "/opt/a\nb", "/opt/a\u{7F}", "tproxy", "",
    ])
    func programsThatSystemdRefusesAreRefused(program: String) {
        #expect(throws: Problem.program(program)) { try unit(program: program).body() }
    }

    @Test func linesThatSystemdDropsAreRefused() {
        #expect(throws: Problem.variable("A")) {
            try unit(environment: [.init("A", "x\u{1B}[31m")]).body()
        }
        #expect(throws: Problem.tooLong(setting: "ExecStart")) {
            try unit(flags: [String(repeating: "x", count: 1 << 20)]).body()
        }
    }
}
