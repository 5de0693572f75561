import Testing
import TproxyTestSupport

/// The preflight finds what the eBPF backend lacks on a host, and programs of others on its hooks.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct EBPFPreflightTests {
    /// `ids` prints the identifiers of findings of the eBPF backend, after words before the program.
    private static let functions = """
        flags="--backend ebpf --kuma-dp-user 5678 --ebpf-bpffs-path /mnt/bpf --ebpf-cgroup-path"
        ids() {
            "$@" >output 2>errors || true
            grep -o '\\[ebpf-[a-z-]*\\]' output || echo none
        }
        check="\(Command.tproxy) preflight $flags $cgroup"
        """

    @Test func aHostThatHasEverythingHasNoFinding() async throws {
        try await Self.expect(
            """
            ids $check
            grep -o 'Linux 5.15 .*features' output | sed 's/.*; //'
            grep -c "$cgroup" output
            $check --output json >report.json 2>/dev/null || true
            cat report.json
            """
        ) { output in
            let parts = output.split(separator: "{", maxSplits: 1)
            #expect(parts.first == "none\n12 of 12 features\n1\n", "\(output)")
            let report = "{" + (parts.last.map(String.init) ?? "")
            let problems = try await JSONSchemaCheck.problems(report, "preflight-2")
            #expect(problems == "")
        }
    }

    @Test func whatIsMissingIsFound() async throws {
        try await Self.expect(
            """
            ids setpriv --bounding-set -sys_admin,-bpf,-perfmon $check
            grep -o 'lacks .*ebpf' output
            ids setpriv --bounding-set -net_admin $check
            grep -o 'lacks .*ebpf' output
            ids unshare --user --map-root-user $check
            ids \(Command.tproxy) preflight $flags /proc
            other="--ebpf-bpffs-path /mnt --ebpf-cgroup-path $cgroup"
            ids \(Command.tproxy) preflight --backend ebpf --kuma-dp-user 5678 $other
            # A warning about the host is one that --strict refuses.
            ip -6 address flush dev v0
            code=0
            \(Command.tproxy) apply --strict --ip-family-mode ipv4 $flags /proc >/dev/null 2>errors || code=$?
            echo "exit $code"
            left
            """
        ) { output in
            #expect(
                output == """
                    [ebpf-capabilities]
                    lacks CAP_SYS_ADMIN, CAP_BPF, CAP_PERFMON [ebpf
                    [ebpf-capabilities]
                    lacks CAP_NET_ADMIN [ebpf
                    [ebpf-user-namespace]
                    [ebpf-cgroup]
                    [ebpf-bpffs]
                    exit 1

                    """)
        }
    }

    /// A program of another owner, which allows every connection.
    @Test(arguments: [
        ("other_connect4", "ebpf-other-programs", "other_connect4"),
        ("cil_sock4_connect", "ebpf-cilium", "cil_sock4_conne"),
    ])
    func programsOfOthersAreFoundByName(name: String, id: String, shown: String) async throws {
        try await Self.expect(
            """
            tools=$(dirname "$(readlink -f "$(command -v swift)")")
            echo '__attribute__((section("cgroup/connect4"), used)) int \(name)(void *c) { return 1; }' |
                "$tools/clang" -target bpf -O2 -x c -c - -o foreign.o
            bpftool prog load foreign.o /mnt/bpf/foreign type cgroup/connect4
            bpftool cgroup attach "$cgroup" connect4 pinned /mnt/bpf/foreign multi
            ids $check
            grep -o '\(shown) (connect4)' output | sort -u
            apply >/dev/null 2>&1
            ids $check
            \(Command.tproxy) remove >/dev/null
            bpftool cgroup detach "$cgroup" connect4 pinned /mnt/bpf/foreign
            ids $check
            """
        ) { output in
            #expect(
                output == """
                    [\(id)]
                    \(shown) (connect4)
                    [\(id)]
                    none

                    """)
        }
    }

    private static func expect(
        _ commands: String, _ check: @Sendable (String) async throws -> Void
    ) async throws {
        try await Sandbox.withMachine(setUp: EBPFScript.setUp) { sandbox in
            let outcome = try await EBPFScript.run("\(functions)\n\(commands)", in: sandbox)
            #expect(outcome.status == 0, "\(outcome)")
            try await check(outcome.output)
        }
    }
}
