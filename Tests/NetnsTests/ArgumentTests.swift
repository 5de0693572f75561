import Testing
import TproxyTestSupport

/// The program has its arguments whatever it can't read, and exit status 0 means success.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct ArgumentTests {
    private static let facts = Scenario.root
        .appendingPathComponent("rulesets/default/facts.json").path

    /// Runs a script in new namespaces; `$T` is the program under test and `$F` a file of facts.
    private func run(_ script: String) async throws -> Command.Outcome {
        try PrivateNamespace.require()
        return try await Command.run(
            "unshare", ["--net", "--mount", "sh", "-c", script],
            environment: ["T": Command.tproxy, "F": Self.facts])
    }

    /// The status and the output of each command without /proc.
    @Test(arguments: [
        ("apply --facts $F; nft list tables", 0, "table inet tproxy_mesh"),
        ("apply --facts $F; $T remove; nft list tables", 0, "removed table inet tproxy_mesh"),
        ("apply --facts $F; $T status", 0, "inet tproxy_mesh"),
        ("plan --facts $F --format nft", 0, "table inet tproxy_mesh"),
        ("explain --facts $F --to 203.0.113.1:443", 0, "redirected to port 15001"),
        ("config show", 0, "kumaDPUser"), ("--version", 0, "0.1"),
        ("apply --kuma-dp-user 5678", 1, "[unreadable-fact]"),
        ("no-such-command", 64, "error: "), ("", 64, "no command is named"),
    ])
    func argumentsAreReadWithoutProc(command: String, status: Int32, words: String) async throws {
        let outcome = try await run("mount -t tmpfs none /proc\n$T \(command)")
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(
            (outcome.output + outcome.errors).contains(words), "\(outcome.output)\(outcome.errors)")
    }

    /// With few descriptors, a command succeeds, or it fails with an error and changes nothing.
    @Test(arguments: 3...12)
    func statusIsZeroOnlyIfTheRulesAreLoaded(count: Int) async throws {
        let outcome = try await run(
            """
            prlimit --nofile=\(count) -- $T apply --facts $F --no-preflight
            status=$?
            if nft list table inet tproxy_mesh >/dev/null 2>&1; then echo loaded; fi
            exit $status
            """)
        let isLoaded = outcome.output.contains("loaded\n")
        #expect((outcome.status == 0) == isLoaded, "\(outcome.status) \(outcome.errors)")
        #expect(outcome.status == 0 || !outcome.errors.isEmpty)
        // The dynamic loader exits with 127 before the program starts.
        #expect([0, 1, 127].contains(outcome.status), "\(outcome.errors)")
    }

    /// Rules for both families aren't replaced by those for one if the addresses can't be read.
    @Test func unreadableFactsReplaceNothing() async throws {
        let outcome = try await run(
            """
            set -e
            ip link set lo up; ip link add d0 type veth peer name d1; ip link set d0 up
            ip addr add fd09::1/64 dev d0 nodad; ip addr add 10.9.9.1/24 dev d0
            $T apply --kuma-dp-user 5678 >/dev/null 2>&1
            nft list ruleset >/tmp/before-$$
            for fault in ENOMEM EACCES EAFNOSUPPORT ENOBUFS; do
                if TPROXY_FAULT=interfaceList:1:$fault $T apply --kuma-dp-user 5678; then exit 9; fi
            done
            nft list ruleset | cmp - /tmp/before-$$
            rm /tmp/before-$$
            nft list ruleset | grep -q ::1
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
    }
}
