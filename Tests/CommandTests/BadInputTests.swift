import Testing
import TproxyTestSupport

/// Mistakes on the command line: a clear message, the right exit status, and nothing done.
@Suite struct BadInputTests {
    @Test(arguments: [
        ["plan", "--no-such-flag"], ["no-such-command"], ["plan", "--format", "xml"],
        ["explain"], ["apply", "--backend", "pf"], ["apply", "--instance", "tproxy mesh"],
        ["status", "--instance", "Ünicode"], ["remove", "--kuma-dp-user", "1"],
        ["export", "firewalld", "--output"], ["export", "ufw"],
    ])
    func wrongArgumentsExitWithStatus64(arguments: [String]) async throws {
        let outcome = try await Command.tproxy(arguments)
        #expect(outcome.status == 64)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.hasPrefix("error: "), "\(outcome.errors)")
        #expect(outcome.errors.contains("help: "))
    }

    /// Builds for tests read faults from `TPROXY_FAULT`.
    @Test(arguments: [
        "", "fileWrite", "fileWrite:1", "fileWrite:0:EIO", "fileWrite:+1:EIO", "nothing:1:EIO",
        "fileWrite:1:EWHAT", "fileWrite:1:short-after", "fileWrite:1:EIO:1",
    ])
    func invalidFaultsAreRefused(text: String) async throws {
        let outcome = try await Command.tproxy(["facts"], environment: ["TPROXY_FAULT": text])
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("error: TPROXY_FAULT: "), "\(outcome.errors)")
    }

    /// A result that can't be written is an error.
    ///
    /// A reader that closed the pipe has read enough.
    @Test func outputThatCannotBeWrittenIsAFailure() async throws {
        let full = try await Command.run(
            "sh", ["-c", "exec \(Command.tproxy) config schema >/dev/full"])
        #expect(full.status == 1)
        #expect(full.errors.contains("[result-lost]"), "\(full.errors)")
        let gone = try await Command.run(
            "bash",
            ["-c", "trap '' PIPE; \(Command.tproxy) config schema | true; exit ${PIPESTATUS[0]}"])
        #expect(gone.status == 0, "\(gone.errors)")
    }

    @Test(arguments: [
        (["plan", "--redirect-inbound-port", "0"], "port-out-of-range"),
        (["plan", "--redirect-inbound-port", "70000"], "port-out-of-range"),
        (["plan", "--redirect-inbound-port", "http"], "invalid-port"),
        (["plan", "--exclude-inbound-ports", "80-90"], "port-range-not-allowed"),
        (["plan", "--exclude-outbound-ports-for-uids", "tcp:1-2-3:5"], "invalid-port-range"),
        (["plan", "--exclude-outbound-ports-for-uids", "tcp:9-8:5"], "reversed-range"),
        (["plan", "--exclude-outbound-ips", "10.0.0.0/33"], "invalid-cidr"),
        (["plan", "--vnet", "a\nb:10.0.0.0/8"], "invalid-interface"),
        (["plan", "--kuma-dp-user", "no-such-user-here"], "unknown-user"),
        (["plan", "--wait", "soon"], "invalid-number"),
        (["plan", "--config", "/nonexistent/tproxy.yaml"], "unreadable-file"),
        (["plan", "--config", "/tmp"], "unreadable-file"),
        (["plan", "--facts", "/nonexistent/facts.json"], "unreadable-file"),
        (["plan", "--facts", "/dev/null"], "invalid-facts"),
        (
            [
                "plan", "--kuma-dp-user", "1", "--format", "iptables", "--instance", "two",
            ], "invalid-ruleset"
        ),
        (["explain", "--kuma-dp-user", "1", "--to", "example.org:80"], "invalid-argument"),
        (["explain", "--kuma-dp-user", "1", "--to", "10.0.0.1"], "invalid-argument"),
        (["explain", "--kuma-dp-user", "1", "--to", "10.0.0.1:0"], "invalid-argument"),
        (
            ["explain", "--kuma-dp-user", "1", "--to", "10.0.0.1:80", "--uid", "root"],
            "invalid-argument"
        ),
        (
            ["explain", "--kuma-dp-user", "1", "--to", "10.0.0.1:80", "--from", "fd00::1"],
            "invalid-argument"
        ),
        (
            [
                "explain", "--kuma-dp-user", "1", "--to", "10.0.0.1:80", "--direction", "in",
                "--uid", "0",
            ],
            "invalid-argument"
        ),
        (
            ["explain", "--kuma-dp-user", "1", "--to", "10.0.0.1:80", "--interface", "a b"],
            "invalid-argument"
        ),
        (
            ["apply", "--kuma-dp-user", "1", "--ebpf-enabled", "--backend", "nft"],
            "backend-conflict"
        ),
        (
            ["apply", "--kuma-dp-user", "1", "--ebpf-enabled", "--store-firewalld"],
            "firewalld-needs-iptables"
        ),
        (
            ["apply", "--kuma-dp-user", "1", "--store-firewalld", "--backend", "nft"],
            "firewalld-needs-iptables"
        ),
        (
            ["apply", "--kuma-dp-user", "1", "--store-firewalld", "--firewalld-file", "/"],
            "unreadable-file"
        ),
        (["export", "firewalld", "--kuma-dp-user", "1", "--output", "/tmp"], "unreadable-file"),
        (
            ["export", "firewalld", "--kuma-dp-user", "1", "--output", "/nonexistent/direct.xml"],
            "unreadable-file"
        ),
        (
            ["export", "firewalld", "--kuma-dp-user", "1", "--output", "/proc/version"],
            "malformed-direct-xml"
        ),
        (
            ["export", "firewalld", "--kuma-dp-user", "1", "--output", "-", "--instance", "two"],
            "inexpressible"
        ),
        (["export", "firewalld", "--remove", "--output", "/dev/null"], "unreadable-file"),
        (
            [
                "plan", "--kuma-dp-user", "1", "--format", "firewalld", "--against",
                "/proc/version",
            ], "malformed-direct-xml"
        ),
    ])
    func badValuesEndInADiagnosticWithARemedy(arguments: [String], id: String) async throws {
        let outcome = try await Unprivileged.tproxy(arguments)
        #expect(outcome.status == 1)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("[\(id)]"), "\(outcome.errors)")
        #expect(outcome.errors.contains("help: "))
    }

    @Test(arguments: [
        ("redirect: {inbound: {port: [}", "invalid-yaml"),
        (String(repeating: "\u{7}\u{1}", count: 5 << 20), "unreadable-file"),
        (String(repeating: "[", count: 100_000), "nested-too-deep"),
        ("redirect: {inbound: {prt: 1}}", "unknown-key"),
    ])
    func brokenFilesEndInAShortDiagnostic(text: String, id: String) async throws {
        let outcome = try await Command.tproxy(["config", "check", "--config", "-"], input: text)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("[\(id)]"), "\(outcome.errors.prefix(500))")
        #expect(outcome.errors.utf8.count < 4096)
    }

    /// The complete text: place, caret, allowed values, remedy.
    @Test func diagnosticShowsPlaceCaretAndRemedy() async throws {
        let outcome = try await Command.tproxy(
            ["config", "check", "--config", "-"],
            input: "redirect:\n  outbound:\n    port: 70000\n")
        #expect(
            outcome.errors == """
                <stdin>:3:11: error: port 70000 is outside 1...65535 [port-out-of-range]
                        port: 70000
                              ^~~~~
                note: configuration key 'redirect.outbound.port'
                help: choose a port from 1 to 65535

                """)
    }

    @Test func missingCapabilityIsNamed() async throws {
        for (command, purpose) in [
            (["apply", "--kuma-dp-user", "5678"], "changing firewall rules"),
            (["remove"], "changing firewall rules"), (["status"], "reading the loaded rules"),
            (["diff", "--kuma-dp-user", "5678"], "reading the loaded rules"),
        ] {
            let outcome = try await Unprivileged.tproxy(command)
            #expect(outcome.status == 1)
            #expect(
                outcome.errors.contains(
                    "error: \(purpose) needs CAP_NET_ADMIN [missing-capability]\n"),
                "\(outcome.errors)")
        }
    }

    @Test func rehearsalWithoutRootIsRefused() async throws {
        let outcome = try await Unprivileged.tproxy(["rehearse", "--kuma-dp-user", "5678"])
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("[not-permitted]"), "\(outcome.errors)")
    }
}
