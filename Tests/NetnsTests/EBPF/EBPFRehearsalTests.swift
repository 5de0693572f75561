import Testing
import TproxyTestSupport

/// Rehearsals of the eBPF backend, which need no mounted BPF file system.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct EBPFRehearsalTests {
    private static func rehearse(_ scenario: String) -> String {
        let folder = "\(Scenario.root.path)/rulesets/\(scenario)"
        return """
            inside \(Command.tproxy) rehearse --backend ebpf --config \(folder)/tproxy.yaml \\
                --facts \(folder)/facts.json
            """
    }

    @Test(arguments: ["default", "exclusions"])
    func everyPacketOfAScenarioArrivesAsExpected(scenario: String) async throws {
        let output = try await Self.output(
            """
            \(Self.rehearse(scenario)) | tail -1
            \(Self.rehearse(scenario)) --random 1000 --seed 7 | tail -1
            """)
        let lines = output.split(separator: "\n")
        try #require(lines.count == 2, "\(output)")
        #expect(lines[0].hasSuffix(" paths, all as expected"))
        #expect(Int(lines[0].prefix { $0.isNumber }) ?? 0 >= 25)
        #expect(lines[1] == "1000 random packets of seed 7, all as expected")
    }

    /// The verifier follows the steps of the largest lists that aren't refused.
    @Test func asManyOwnersAndPortsAsTheLimitAreLoaded() async throws {
        let flows = (1...64).map { number in
            "--exclude-outbound-ports-for-uids tcp:\(1000 + 3 * number):\(2000 + 3 * number)"
        }
        let ports = "--exclude-outbound-ports 7,9 --exclude-inbound-ports 7,9"
        let output = try await Self.output(
            "\(Self.rehearse("default")) \(flows.joined(separator: " ")) \(ports) | tail -1")
        #expect(output.hasSuffix(" paths, all as expected\n"))
    }

    /// What sockets don't have is refused as by `apply`.
    @Test func rulesForForwardedPacketsAreRefused() async throws {
        let output = try await Self.output(
            "\(Self.rehearse("default")) --vnet docker0:172.17.0.0/16 2>&1 || echo exit $?")
        #expect(output.contains("eBPF sees the sockets of this host"))
        #expect(output.hasSuffix("exit 1\n"))
    }

    /// The programs end with the process, even if it can't clean up.
    @Test func aKilledRehearsalLeavesNoProgram() async throws {
        let output = try await Self.output(
            """
            attached() { bpftool cgroup show "$cgroup" | tail -n +2 | wc -l; }
            \(Self.rehearse("exclusions")) --random 20000 >/dev/null 2>&1 &
            while [ $(attached) != 10 ]; do sleep 0.01; done
            kill -9 $(cat "$cgroup/cgroup.procs")
            wait $! 2>/dev/null || echo killed
            for attempt in $(seq 100); do
                [ $(attached) != 0 ] || break
                sleep 0.1
            done
            left
            """)
        #expect(output == "killed\n")
    }

    private static func output(_ commands: String) async throws -> String {
        var output = ""
        try await Sandbox.withMachine(setUp: EBPFScript.setUp) { sandbox in
            let outcome = try await EBPFScript.run(
                """
                umount /mnt/bpf
                mounts=$(cat /proc/self/mountinfo)
                \(commands)
                [ "$mounts" = "$(cat /proc/self/mountinfo)" ] || echo "a mount is left"
                """, in: sandbox)
            #expect(outcome.status == 0, "\(outcome.errors)")
            output = outcome.output
        }
        return output
    }
}
