import Testing
import TproxyTestSupport

/// Installation, replacement and removal of the programs, also by a process that is killed.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct EBPFLifecycleTests {
    @Test func removeLeavesNothing() async throws {
        try await Self.expect(
            """
            apply >/dev/null 2>&1
            left | wc -l
            \(Command.tproxy) status | sed -n 's/^intact.*/intact/p'
            apply 2>/dev/null | cut -d: -f1
            \(Command.tproxy) uninstall transparent-proxy --ebpf-enabled >/dev/null 2>&1
            left
            """,
            prints: """
                25
                intact
                unchanged

                """)
    }

    /// Programs of a namespace that is gone are removed with the next change.
    @Test func programsOfANamespaceThatIsGoneAreRemoved() async throws {
        try await Self.expect(
            """
            nsenter --net=/run/netns/peer \(Command.tproxy) apply --backend ebpf --kuma-dp-user 5678 \\
                --no-preflight --ebpf-bpffs-path /mnt/bpf --ebpf-cgroup-path "$cgroup" >/dev/null 2>&1
            apply >/dev/null 2>&1
            find /mnt/bpf -name tproxy_connect4 | wc -l
            ip netns delete peer
            # The kernel takes its time to delete a namespace.
            for attempt in $(seq 100); do
                apply --exclude-outbound-ports $attempt >/dev/null 2>&1
                [ "$(find /mnt/bpf -name tproxy_connect4 | wc -l)" != 1 ] || break
                sleep 0.1
            done
            find /mnt/bpf -name tproxy_connect4 | wc -l
            bpftool cgroup show "$cgroup" | tail -n +2 | wc -l
            \(Command.tproxy) remove >/dev/null
            left
            """,
            prints: """
                2
                1
                10

                """)
    }

    /// Whatever step a process is killed at, the next apply and the next remove are complete.
    @Test(arguments: ["folderMake", "bpfLoad", "bpfPin", "bpfAttach", "addressChange"])
    func aKilledProcessLeavesNothingThatStays(step: String) async throws {
        try await Self.expect(
            """
            tried=0
            for number in 1 2 3 5 8 11 13 20; do
                TPROXY_FAULT=\(step):$number:kill apply >/dev/null 2>&1 && break
                tried=$number
                apply >/dev/null 2>&1 || echo "apply after $number"
                \(Command.tproxy) status | grep -q ^intact || echo "status after $number"
                TPROXY_FAULT=\(step):$number:kill apply --exclude-outbound-ports 7 >/dev/null 2>&1 || true
                \(Command.tproxy) remove >/dev/null 2>&1 || true
                left
                TPROXY_FAULT=\(step):$number:kill apply >/dev/null 2>&1 || true
                \(Command.tproxy) remove >/dev/null 2>&1 || true
                left
            done
            [ $tried -gt 0 ] || echo "no step \(step)"
            \(Command.tproxy) remove >/dev/null 2>&1
            left
            """, prints: "")
    }

    /// A refusal by the kernel leaves the former programs in force.
    @Test(arguments: [
        "bpfLoad:1:EINVAL", "bpfAttach:1:ENOMEM", "bpfAttach:9:ENOMEM", "bpfWrite:2:E2BIG",
    ])
    func aFailedReplacementKeepsTheFormerRules(fault: String) async throws {
        try await Self.expect(
            """
            apply >/dev/null 2>&1
            digest() { \(Command.tproxy) status | sed -n 's/.*digest //p'; }
            former=$(digest)
            TPROXY_FAULT=\(fault) apply --exclude-outbound-ports 7 >/dev/null 2>errors && echo applied
            grep -c '^error: ' errors
            [ "$(digest)" = "$former" ] || echo changed
            \(Command.tproxy) status | sed -n 's/^intact.*/intact/p'
            \(Command.tproxy) remove >/dev/null
            left
            """,
            prints: """
                1
                intact

                """)
    }

    /// Each connection is decided by the old rules or by the new ones: none is lost.
    @Test func replacementsUnderLoadLoseNoConnection() async throws {
        let answers = try await Self.answers(
            during: """
                for number in $(seq 20); do
                    apply --exclude-outbound-ports $number >/dev/null 2>errors || cat errors
                done
                """)
        #expect(answers == ["inbound 10.8.0.1:8080"])
    }

    /// Each connection reaches the proxy or the application; conntrack may answer for the latter.
    @Test func removalUnderLoadBreaksNoConnection() async throws {
        let answers = try await Self.answers(
            during: """
                for number in $(seq 10); do
                    \(Command.tproxy) remove >/dev/null
                    apply >/dev/null 2>errors || cat errors
                done
                """)
        let known = ["inbound", "application"]
        #expect(Set(answers.map { String($0.prefix { $0 != " " }) }) == Set(known), "\(answers)")
    }

    /// Returns the answers to the proxy's connections to this host while `commands` run.
    private static func answers(during commands: String) async throws -> Set<String> {
        var answers: Set<String> = []
        try await Sandbox.withMachine(setUp: EBPFScript.setUp) { sandbox in
            let outcome = try await EBPFScript.run(
                """
                owner=1000
                serve
                apply >/dev/null 2>&1
                in_cgroup load done & load=$!
                \(commands)
                touch done
                wait $load
                """, in: sandbox)
            #expect(outcome.status == 0, "\(outcome.errors)")
            // A line is an answer and its count.
            answers = Set(
                outcome.output.split(separator: "\n").map { line in
                    line.split(separator: " ").dropLast().joined(separator: " ")
                })
        }
        return answers
    }

    private static func expect(_ commands: String, prints text: String) async throws {
        try await Sandbox.withMachine(setUp: EBPFScript.setUp) { sandbox in
            let outcome = try await EBPFScript.run(commands, in: sandbox)
            #expect(outcome.status == 0 && outcome.output == text, "\(outcome)")
        }
    }
}
