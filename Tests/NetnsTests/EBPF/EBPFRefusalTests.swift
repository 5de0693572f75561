import Testing
import TproxyTestSupport

/// Paths, objects and configurations that can't be used: an error with its remedy, and no change.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct EBPFRefusalTests {
    private static let cases: [(flags: String, message: String)] = [
        (
            "--ebpf-cgroup-path /proc",
            "the cgroup /proc can't be used: it isn't a folder of cgroup v2"
        ),
        ("--ebpf-bpffs-path /mnt", "the BPF file system /mnt can't be used: it isn't one"),
        ("--ebpf-bpffs-path /mnt/bpf/a/b", "more than one folder below its mount point"),
        ("--ebpf-tc-attach-iface none0", "the interface none0 can't be used: it doesn't exist"),
        ("--ebpf-programs-source-path /mnt", "/mnt/tproxy.bpf.o can't be used: it can't be read"),
        (
            "--ebpf-programs-source-path /mnt/foreign",
            "it isn't a build of the programs of this version"
        ),
        (
            "--ebpf-programs-source-path /mnt/damaged",
            "it isn't a build of the programs of this version"
        ),
        ("--drop-invalid-packets", "can't express the rule 'packet with invalid conntrack state'"),
        ("--iptables-logs", "can't express the rule 'log outgoing connections'"),
        ("--vnet docker0:172.17.0.0/16", "from redirect.vnet.networks"),
        ("--instance other", "ebpf has one installation, 'mesh'"),
    ]

    @Test func whatCannotBeUsedIsRefusedWithItsReason() async throws {
        try await Sandbox.withMachine(setUp: EBPFScript.setUp) { sandbox in
            let tries = Self.cases.map { one in
                """
                if apply \(one.flags) >/dev/null 2>errors; then echo applied; else tr '\\n' ' ' <errors; fi
                echo
                """
            }
            let outcome = try await EBPFScript.run(
                """
                mkdir -p bpf/a/b foreign damaged
                cp /bin/true foreign/tproxy.bpf.o
                head -c 20000 \(Scenario.root.path)/Sources/EBPFBackend/Programs/tproxy.bpf.o \\
                    >damaged/tproxy.bpf.o
                \(tries.joined(separator: "\n"))
                rmdir bpf/a/b bpf/a
                left
                """, in: sandbox)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let lines = outcome.output.split(separator: "\n").map(String.init)
            #expect(lines.count == Self.cases.count, "\(outcome.output)")
            for (line, one) in zip(lines, Self.cases) {
                #expect(line.contains(one.message) && line.contains("help: "), "\(one): \(line)")
            }
        }
    }

    /// The verifier's text is longer than what is kept of it, and its cause is the end.
    @Test func aRefusalOfTheVerifierHasItsCause() async throws {
        try await Sandbox.withMachine(setUp: EBPFScript.setUp) { sandbox in
            let outcome = try await EBPFScript.run(
                """
                apply >/dev/null 2>&1
                before=$(left)
                mkdir -p build/Sources/EBPFBackend build/.ci
                cp -r \(Scenario.root.path)/Sources/EBPFBackend/Programs build/Sources/EBPFBackend
                cp \(Scenario.root.path)/.ci/programs build/.ci
                sed -i 's/ & (TPROXY_EBPF_PORT_BYTES - 1)\\]/ + 8192]/' \\
                    build/Sources/EBPFBackend/Programs/decision.h
                build/.ci/programs build
                apply --exclude-outbound-ports 1,3,5 \\
                    --ebpf-programs-source-path /mnt/build/Sources/EBPFBackend/Programs >/dev/null 2>errors \\
                    && echo applied
                sed -n 's/^error: //p' errors
                [ "$before" = "$(left)" ] || echo changed
                \(Command.tproxy) status | sed -n 's/^intact.*/intact/p'
                """, in: sandbox)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let lines = outcome.output.split(separator: "\n").map(String.init)
            #expect(lines.count == 2 && lines.last == "intact", "\(outcome)")
            let cause = try #require(lines.first)
            #expect(
                cause.contains("the eBPF programs don't load (Permission denied): "), "\(cause)")
            #expect(cause.contains("outside of the allowed memory range"), "\(cause)")
        }
    }

    /// Another build of the same sources is accepted.
    @Test func anotherBuildOfTheProgramsIsLoaded() async throws {
        try await Sandbox.withMachine(setUp: EBPFScript.setUp) { sandbox in
            let outcome = try await EBPFScript.run(
                """
                apply --ebpf-programs-source-path \(Scenario.root.path)/Sources/EBPFBackend/Programs \\
                    >/dev/null 2>&1
                \(Command.tproxy) status | sed -n 's/^intact.*/intact/p'
                \(Command.tproxy) remove >/dev/null
                left
                """, in: sandbox)
            #expect(outcome.status == 0 && outcome.output == "intact\n", "\(outcome)")
        }
    }
}
