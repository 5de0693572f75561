import Foundation
import Testing
import TproxyTestSupport

/// Kuma's documented command lines, with one word changed, load what they load with kumactl.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct KumactlCommandLineTests {
    private static let completion = "# transparent proxy setup completed successfully"

    /// A host with Kuma's accounts, two resolvers and an interface with addresses of both families.
    private static let setUp = """
        ip link set lo up
        ip link add eth0 type veth peer name eth1
        ip address add 192.0.2.1/24 dev eth0
        ip address add 2001:db8::2/64 dev eth0 nodad
        ip link set eth0 up; ip link set eth1 up
        mount -t tmpfs tmpfs /mnt
        mount -t tmpfs tmpfs /etc/firewalld
        cat /etc/passwd - > /mnt/passwd <<'E'
        kuma-dp:x:5678:5678::/:/bin/false
        dataplane:x:5679:5679::/:/bin/false
        bob:x:5680:5680::/:/bin/false
        E
        mount --bind /mnt/passwd /etc/passwd
        printf 'nameserver 10.0.0.53\\nnameserver 2001:db8::53\\n' > /mnt/resolv.conf
        mount --bind /mnt/resolv.conf /etc/resolv.conf
        cd /mnt
        printf 'kumaDPUser: dataplane\\nverbose: true\\n' > config.yaml
        printf 'redirect: {inbound: {excludePorts: [9]}}\\n' > custom.yaml
        cat > configmap.yaml <<'E'
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: kuma-transparent-proxy-config, namespace: kuma-system}
        data:
          config.yaml: |
        \(chart)E
        """

    /// The configuration of the chart, indented.
    private static let chart = """
            kumaDPUser: "5678"
            ipFamilyMode: dualstack
            ebpf: {bpffsPath: /run/kuma/bpf, enabled: false, tcAttachIface: ""}
            redirect:
              dns: {captureAll: true, enabled: true, port: 15053, resolvConfigPath: /etc/resolv.conf}
              inbound: {enabled: true, port: 15006, excludePorts: [], includePorts: []}
              outbound: {enabled: true, port: 15001, excludePorts: [], includePorts: []}
            retry: {maxRetries: 4, sleepBetweenRetries: 2s}

        """

    @Test func thereAreMoreThanTwentyFour() {
        #expect(DocumentedCommandLine.all.count > 24)
    }

    @Test(arguments: DocumentedCommandLine.all)
    func documentedCommandLineHasItsEffect(command: DocumentedCommandLine) async throws {
        try await Sandbox.withMachine(setUp: Self.setUp) { sandbox in
            // As a pipe's first command, a failure must not be hidden.
            let outcome = try await sandbox.run(
                "bash",
                [
                    "-o", "pipefail", "-c",
                    "cd /mnt; \(command.environment) \(Command.tproxy) install transparent-proxy"
                        + " \(command.line)",
                ])
            #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
            #expect(
                outcome.output.split(separator: "\n").last.map(String.init) == Self.completion,
                "\(outcome.output)")

            func write(_ text: String, to file: String) async throws {
                let written = try await sandbox.run("tee", ["/mnt/\(file)"], input: text + "\n")
                #expect(written.status == 0)
            }
            try await write(command.means, to: "means.yaml")
            let expected = ["--config", "/mnt/means.yaml"]
            let diff = try await sandbox.tproxy(["diff"] + expected)
            #expect(diff.status == 0, "\(diff.output)\(diff.errors)")

            if !command.packets.isEmpty {
                let packets = command.packets.map(\.packet).joined(separator: "\n")
                try await write(packets, to: "packets")
                let answer = try await sandbox.tproxy(
                    ["explain", "--packets", "/mnt/packets"] + expected)
                let rows = answer.output.split(separator: "\n").dropFirst()
                for (row, packet) in zip(rows, command.packets) {
                    let isExpected = row.drop { $0 != " " }.drop { $0 == " " }
                        .hasPrefix(packet.outcome + " ")
                    #expect(isExpected, "\(packet): \(row)")
                }
                #expect(rows.count >= command.packets.count, "\(answer)")
            }
            let removed = try await sandbox.tproxy(["uninstall", "transparent-proxy"])
            #expect(removed.status == 0, "\(removed.errors)")
            #expect(try await sandbox.tproxy(["status"]).status == 1)
        }
    }

    /// The documented test for success: the last line of a log with both streams.
    @Test func lastLineOfTheLogSaysThatTheSetupIsComplete() async throws {
        try await Sandbox.withMachine(setUp: Self.setUp) { sandbox in
            let last = try await sandbox.shell(
                """
                cd /mnt
                \(Command.tproxy) install transparent-proxy --config-file config.yaml > log 2>&1
                tail -n1 log
                """)
            #expect(last == Self.completion + "\n")
            let again = try await sandbox.tproxy(
                ["install", "transparent-proxy", "--config-file", "/mnt/config.yaml"])
            #expect(again.output.contains("unchanged: "), "\(again.output)")
            #expect(again.output.hasSuffix(Self.completion + "\n"))
            // 'apply' is no name of kumactl's.
            let apply = try await sandbox.tproxy(["apply", "--config", "/mnt/config.yaml"])
            #expect(!apply.output.contains("# "))
        }
    }

    /// Programs of Kuma's can't be loaded, and aren't replaced by others without a word.
    @Test func programsOfKumaAreRefused() async throws {
        try await Sandbox.withMachine(setUp: Self.setUp) { sandbox in
            let refused = try await sandbox.tproxy([
                "install", "transparent-proxy", "--ebpf-enabled", "--ebpf-instance-ip",
                "192.0.2.1", "--ebpf-programs-source-path", "/kuma/ebpf",
            ])
            #expect(refused.status == 1 && refused.output.isEmpty)
            #expect(refused.errors.contains("[unusable]"), "\(refused.errors)")
        }
    }
}
