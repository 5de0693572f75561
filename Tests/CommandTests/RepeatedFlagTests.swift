import Foundation
import Testing
import TproxyConfig
import TproxyTestSupport

/// Repeated flags: kumactl's lists of strings add up; of any other flag, the last value counts.
@Suite struct RepeatedFlagTests {
    struct Flag: Sendable, CustomTestStringConvertible {
        var name: String
        var values: (String, String)
        /// The value of one use that means the same as both; nil if the second value alone counts.
        var together: String?

        init(_ name: String, _ first: String, _ second: String, together: String? = nil) {
            self.name = "--" + name
            values = (first, second)
            self.together = together
        }

        var testDescription: String { name }
        var addsUp: Bool { together != nil }
    }

    private static let ofConfiguration = [
        Flag("kuma-dp-user", "1", "2"), Flag("ip-family-mode", "ipv4", "dualstack"),
        Flag("redirect-inbound", "true", "false"), Flag("redirect-inbound-port", "1", "2"),
        Flag("exclude-inbound-ports", "80,81", "443"),
        Flag(
            "exclude-inbound-ips", "10.0.0.1,fd00::1", "10.0.0.2",
            together: "10.0.0.1,fd00::1,10.0.0.2"),
        Flag("redirect-inbound-insert-instead-of-append", "false", "true"),
        Flag("redirect-outbound-port", "1", "2"), Flag("exclude-outbound-ports", "80,81", "443"),
        Flag(
            "exclude-outbound-ports-for-uids", "tcp:80:1", "udp:53:2", together: "tcp:80:1;udp:53:2"
        ),
        Flag("exclude-outbound-ips", "10.0.0.1", "fd00::/8", together: "10.0.0.1,fd00::/8"),
        Flag("redirect-outbound-insert-instead-of-append", "false", "true"),
        Flag("redirect-dns", "false", "true"), Flag("redirect-all-dns-traffic", "false", "true"),
        Flag("redirect-dns-port", "1", "2"), Flag("skip-dns-conntrack-zone-split", "false", "true"),
        Flag("vnet", "br0:10.0.0.0/8", "br1:fd00::/8", together: "br0:10.0.0.0/8,br1:fd00::/8"),
        Flag("max-retries", "1", "2"), Flag("sleep-between-retries", "1s", "2s"),
        Flag("wait", "1", "2"), Flag("wait-interval", "1", "2"),
        Flag(
            "iptables-executables", "iptables:/a,iptables-save:/b", "iptables-restore:/c",
            together: "iptables:/a,iptables-save:/b,iptables-restore:/c"),
        Flag("iptables-logs", "false", "true"), Flag("disable-comments", "false", "true"),
        Flag("drop-invalid-packets", "false", "true"), Flag("store-firewalld", "false", "true"),
        Flag("dry-run", "false", "true"), Flag("verbose", "false", "true"),
        Flag("ebpf-enabled", "false", "true"), Flag("ebpf-instance-ip", "10.0.0.1", "10.0.0.2"),
        Flag("ebpf-bpffs-path", "/a", "/b"), Flag("ebpf-cgroup-path", "/a", "/b"),
        Flag("ebpf-programs-source-path", "/a", "/b"), Flag("ebpf-tc-attach-iface", "a", "b"),
    ]

    private static let deprecated = [
        Flag("kuma-dp-uid", "1", "2"), Flag("redirect-inbound-port-v6", "1", "2"),
        Flag("skip-resolv-conf", "false", "true"), Flag("kuma-cp-ip", "10.0.0.1", "10.0.0.2"),
        Flag("redirect-dns-upstream-target-chain", "A", "B"),
        Flag("experimental-transparent-proxy-engine", "false", "true"),
    ]

    @Test(arguments: ofConfiguration + deprecated)
    func repeatedFlagAddsUpOrTakesItsLastValue(flag: Flag) async throws {
        func show(_ values: String...) async throws -> Command.Outcome {
            try await Command.tproxy(
                ["config", "show", "--output", "json"] + values.map { "\(flag.name)=\($0)" })
        }
        let twice = try await show(flag.values.0, flag.values.1)
        let once = try await show(flag.together ?? flag.values.1)
        #expect(twice.status == 0 && once.status == 0, "\(twice.errors)\(once.errors)")
        #expect(twice.output == once.output)
        // Neither value alone means the same.
        if flag.addsUp {
            #expect(try await show(flag.values.1).output != twice.output)
            #expect(try await show(flag.values.0).output != twice.output)
        }
    }

    /// A flag that is parsed and not passed on would pass the test above.
    @Test(arguments: ofConfiguration)
    func flagChangesTheConfiguration(flag: Flag) async throws {
        var shown: [String] = []
        for value in [flag.values.0, flag.values.1] {
            let outcome = try await Command.tproxy(
                ["config", "show", "--output", "json", "\(flag.name)=\(value)"])
            #expect(outcome.status == 0, "\(outcome.errors)")
            shown.append(outcome.output)
        }
        #expect(shown[0] != shown[1])
    }

    @Test func repeatedFlagsOfOneProtocolAddUp() async throws {
        let outcome = try await Command.tproxy([
            "config", "show", "--output", "json", "--exclude-outbound-tcp-ports-for-uids", "80:1",
            "--exclude-outbound-tcp-ports-for-uids", "81:1",
            "--exclude-outbound-udp-ports-for-uids", "53:2",
            "--exclude-outbound-udp-ports-for-uids", "54:2",
        ])
        for item in ["tcp:80:1", "tcp:81:1", "udp:53:2", "udp:54:2"] {
            #expect(outcome.output.contains("\"\(item)\""), "\(outcome.output)\(outcome.errors)")
        }
    }

    /// All files are read, and later ones override earlier ones.
    @Test(arguments: ["--config", "--config-file"])
    func repeatedConfigurationFilesAreMerged(flag: String) async throws {
        let folder = try TestFolder()
        for (name, text) in [("a", "wait: 1\nwaitInterval: 3"), ("b", "wait: 2")] {
            try text.write(toFile: folder.path(of: name), atomically: false, encoding: .utf8)
        }
        let outcome = try await Command.tproxy([
            "config", "show", flag, folder.path(of: "a"), flag, folder.path(of: "b"),
        ])
        let lines = outcome.output.split(separator: "\n").map {
            $0.split(separator: " ", omittingEmptySubsequences: true).prefix(2).joined(
                separator: " ")
        }
        #expect(lines.contains("wait 2") && lines.contains("waitInterval 3"), "\(outcome.output)")
    }

    /// Every flag that repeats is in a table above or in the list below.
    @Test func noOtherFlagAddsUp() async throws {
        let repeating = Set(
            try await HelpDump.read().commands.flatMap(\.arguments).filter(\.isRepeating)
                .flatMap(\.flags))
        let known = Set((Self.ofConfiguration + Self.deprecated).filter(\.addsUp).map(\.name))
        #expect(
            repeating
                == known.union([
                    "--config", "--config-file", "--ruleset",
                    "--exclude-outbound-tcp-ports-for-uids",
                    "--exclude-outbound-udp-ports-for-uids",
                ]))
        #expect(
            Set(Self.ofConfiguration.map(\.name)) == Set(ConfigurationKey.all.compactMap(\.flag)))
    }
}
