import Testing

/// A command line of Kuma's documentation for 2.2 to 2.14, with `tproxy` in place of `kumactl`.
struct DocumentedCommandLine: Sendable, CustomTestStringConvertible {
    /// The shell command after `$T`, the program; `$E` is its environment.
    var line: String
    var environment = ""
    /// A configuration file that means the same.
    var means: String
    /// Packets, and the outcome that Kuma's rules give each.
    var packets: [(packet: String, outcome: String)]

    var testDescription: String { "\(environment) \(line)" }

    init(
        _ line: String, environment: String = "", means: String,
        _ packets: [(packet: String, outcome: String)] = []
    ) {
        self.line = line
        self.environment = environment
        self.means = means
        self.packets = packets
    }
}

extension DocumentedCommandLine {
    private static let outgoing = "out tcp uid=1000 to=203.0.113.1:443"
    private static let incoming = "in tcp from=203.0.113.9:4000 to=192.0.2.1:80"
    private static let query = "out udp uid=1000 to=10.0.0.53:53"
    private static let toProxy = [
        (packet: outgoing, outcome: "proxy :15001"), (packet: incoming, outcome: "proxy :15006"),
        (packet: "out tcp uid=5678 to=203.0.113.1:443", outcome: "bypassed"),
    ]

    private static func out(
        _ transport: String, _ uid: Int, _ port: Int, _ outcome: String
    ) -> (packet: String, outcome: String) {
        ("out \(transport) uid=\(uid) to=10.0.0.53:\(port)", outcome)
    }

    private static func excluding(_ list: String) -> String {
        "redirect: {outbound: {excludePortsForUIDs: [\(list)]}}"
    }

    /// Flags of the installation, by subject.
    static let all: [DocumentedCommandLine] = general + ports + addresses + owners + files

    private static let general: [DocumentedCommandLine] = [
        Self("", means: "{}", toProxy + [(query, "untouched")]),
        Self(
            "--redirect-dns", means: "redirect: {dns: {enabled: true}}",
            toProxy + [(query, "proxy :15053"), ("out udp uid=5678 to=10.0.0.53:53", "bypassed")]),
        Self(
            "--kuma-dp-user kuma-dp --redirect-dns --verbose",
            means: "{kumaDPUser: kuma-dp, verbose: true, redirect: {dns: {enabled: true}}}",
            [(query, "proxy :15053"), ("out udp uid=1000 to=10.9.9.9:53", "untouched")]),
        Self(
            "--verbose --redirect-dns 2>&1 | tee log",
            means: "{verbose: true, redirect: {dns: {enabled: true}}}", [(query, "proxy :15053")]),
        Self(
            "--kuma-dp-user kuma-dp --skip-resolv-conf --redirect-dns",
            means: "redirect: {dns: {enabled: true}}", [(query, "proxy :15053")]),
        Self(
            "--redirect-dns --store-firewalld",
            means: "{storeFirewalld: true, redirect: {dns: {enabled: true}}}",
            [(query, "proxy :15053")]),
        Self(
            "--kuma-dp-user dataplane --verbose", means: "{kumaDPUser: 5679, verbose: true}",
            [
                ("out tcp uid=5679 to=203.0.113.1:443", "bypassed"),
                ("out tcp uid=5678 to=203.0.113.1:443", "proxy :15001"),
            ]),
        Self(
            "--kuma-dp-user bob", means: "kumaDPUser: 5680",
            [("out tcp uid=5680 to=203.0.113.1:443", "bypassed")]),
        Self(
            "--kuma-dp-user 1234", means: "kumaDPUser: 1234",
            [("out tcp uid=1234 to=203.0.113.1:443", "bypassed")]),
        Self(
            "--kuma-dp-uid 1234", means: "kumaDPUser: 1234",
            [("out tcp uid=1234 to=203.0.113.1:443", "bypassed")]),
        Self(
            "--ip-family-mode ipv4", means: "ipFamilyMode: ipv4",
            toProxy + [("out tcp uid=1000 to=[2001:db8::1]:443", "untouched")]),
        Self(
            "", environment: "KUMA_TRANSPARENT_PROXY_IP_FAMILY_MODE=ipv4",
            means: "ipFamilyMode: ipv4", [("out tcp uid=1000 to=[2001:db8::1]:443", "untouched")]),
        Self(
            "", environment: "KUMA_TRANSPARENT_PROXY_KUMA_DP_USER=5679",
            means: "kumaDPUser: 5679", [("out tcp uid=5679 to=203.0.113.1:443", "bypassed")]),
    ]

    private static let ports: [DocumentedCommandLine] = [
        Self(
            "--kuma-dp-user kuma-dp --redirect-dns --exclude-inbound-ports 22",
            means: "redirect: {dns: {enabled: true}, inbound: {excludePorts: [22]}}",
            [
                ("in tcp from=203.0.113.9:4000 to=192.0.2.1:22", "bypassed"),
                (incoming, "proxy :15006"), (query, "proxy :15053"),
            ]),
        Self(
            "--kuma-dp-user kuma-dp --exclude-inbound-ports 443",
            means: "redirect: {inbound: {excludePorts: [443]}}",
            [("in tcp from=203.0.113.9:4000 to=192.0.2.1:443", "bypassed")]),
        Self(
            "--exclude-inbound-ports 22 --exclude-outbound-ports 1521",
            means: "redirect: {inbound: {excludePorts: [22]}, outbound: {excludePorts: [1521]}}",
            [out("tcp", 1000, 1521, "bypassed"), (outgoing, "proxy :15001")]),
        Self(
            "--exclude-inbound-ports \"1234\" --exclude-outbound-ports \"5678,8900\"",
            means:
                "redirect: {inbound: {excludePorts: [1234]}, outbound: {excludePorts: [5678, 8900]}}",
            [
                out("tcp", 1000, 8900, "bypassed"), out("tcp", 1000, 5678, "bypassed"),
                ("in tcp from=203.0.113.9:4000 to=192.0.2.1:1234", "bypassed"),
            ]),
    ]

    private static let addresses: [DocumentedCommandLine] = [
        Self(
            "--exclude-inbound-ips \"10.0.0.0/8\" --exclude-outbound-ips \"192.168.10.1,fd10::/16\"",
            means: """
                redirect:
                  inbound: {excludePortsForIPs: [10.0.0.0/8]}
                  outbound: {excludePortsForIPs: [192.168.10.1, "fd10::/16"]}
                """,
            [
                ("in tcp from=10.1.2.3:4000 to=192.0.2.1:80", "bypassed"),
                (incoming, "proxy :15006"),
                ("out tcp uid=1000 to=192.168.10.1:443", "bypassed"),
                ("out tcp uid=1000 to=[fd10::1]:443", "bypassed"),
            ]),
        Self(
            "--exclude-outbound-ips \"10.0.0.1,172.1.0.0/24\" --exclude-outbound-ips \"fe80::/10\"",
            means:
                "redirect: {outbound: {excludePortsForIPs: [10.0.0.1, 172.1.0.0/24, \"fe80::/10\"]}}",
            [
                ("out tcp uid=1000 to=172.1.0.9:443", "bypassed"),
                ("out tcp uid=1000 to=10.0.0.1:443", "bypassed"),
                ("out tcp uid=1000 to=[fe80::1]:443", "bypassed"), (outgoing, "proxy :15001"),
            ]),
    ]

    private static let owners: [DocumentedCommandLine] = [
        Self(
            "--exclude-outbound-ports-for-uids \"1000\"", means: excluding("\"1000\""),
            [out("tcp", 1000, 443, "bypassed"), out("tcp", 1001, 443, "proxy :15001")]),
        Self(
            "--exclude-outbound-ports-for-uids \"1000-1100\" --exclude-outbound-ports-for-uids \"udp:*:2000\"",
            means: excluding("\"1000-1100\", \"udp:*:2000\""),
            [out("tcp", 1100, 443, "bypassed"), out("tcp", 2000, 443, "proxy :15001")]),
        Self(
            "--exclude-outbound-ports-for-uids \"1000-1100;udp:*:2000\"",
            means: excluding("\"1000-1100\", \"udp:*:2000\""), [out("tcp", 1050, 443, "bypassed")]),
        Self(
            "--exclude-outbound-ports-for-uids \"tcp:22,80-88:1000-1002\"",
            means: excluding("\"tcp:22,80-88:1000-1002\""),
            [out("tcp", 1002, 85, "bypassed"), out("tcp", 1002, 89, "proxy :15001")]),
        Self(
            "--exclude-outbound-ports-for-uids \"udp:*:1000\"", means: excluding("\"udp:*:1000\""),
            [out("tcp", 1000, 443, "proxy :15001")]),
        Self(
            "--exclude-outbound-ports-for-uids tcp:22:1000", means: excluding("\"tcp:22:1000\""),
            [out("tcp", 1000, 22, "bypassed"), out("tcp", 1000, 23, "proxy :15001")]),
        Self(
            "--exclude-outbound-ports-for-uids udp:53:1000 --redirect-dns",
            means: """
                redirect: {dns: {enabled: true}, outbound: {excludePortsForUIDs: ["udp:53:1000"]}}
                """, [(query, "bypassed"), out("udp", 1001, 53, "proxy :15053")]),
    ]

    private static let files: [DocumentedCommandLine] = [
        Self(
            "--config-file config.yaml", means: "{kumaDPUser: 5679, verbose: true}",
            [("out tcp uid=5679 to=203.0.113.1:443", "bypassed")]),
        Self("--config-file - < config.yaml", means: "{kumaDPUser: 5679, verbose: true}"),
        Self(
            "--config config.yaml --config custom.yaml",
            means: "{kumaDPUser: 5679, verbose: true, redirect: {inbound: {excludePorts: [9]}}}",
            [("in tcp from=203.0.113.9:4000 to=192.0.2.1:9", "bypassed")]),
        Self(
            "--config \"{ kumaDPUser: dataplane, verbose: true }\"",
            means: "{kumaDPUser: 5679, verbose: true}"),
        Self(
            "--config-file config.yaml --redirect-dns-port 10003 --redirect-dns",
            environment: "KUMA_TRANSPARENT_PROXY_REDIRECT_DNS_PORT=10002",
            means:
                "{kumaDPUser: 5679, verbose: true, redirect: {dns: {enabled: true, port: 10003}}}",
            [(query, "proxy :10003")]),
        Self(
            "--config configmap.yaml",
            means: "{kumaDPUser: \"5678\", redirect: {dns: {enabled: true, captureAll: true}}}",
            toProxy + [("out udp uid=1000 to=198.51.100.7:53", "proxy :15053")]),
    ]
}
