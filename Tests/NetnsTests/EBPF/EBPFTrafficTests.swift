import Testing
import TproxyTestSupport

/// Real sockets behind the programs: which listener answers, and what both ends see.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct EBPFTrafficTests {
    /// A probe and its answer.
    private typealias Probe = (probe: String, answer: String)

    private static let outgoing: [Probe] = [
        ("tcp:10.8.0.2:80", "outbound from 127.0.0.1 original 10.8.0.2:80 peer 10.8.0.2:80"),
        ("tcp:fd08::2:80", "outbound from ::1 original fd08::2:80 peer fd08::2:80"),
        (
            "tcp:::ffff:10.8.0.2:80",
            "outbound from 127.0.0.1 original 10.8.0.2:80 peer ::ffff:10.8.0.2:80"
        ),
        // Without a route, a connection is redirected, too.
        (
            "tcp:198.51.100.7:80",
            "outbound from 127.0.0.1 original 198.51.100.7:80 peer 198.51.100.7:80"
        ),
        (
            "tcp:10.8.0.2:80,from=127.0.0.1",
            "outbound from 127.0.0.1 original 10.8.0.2:80 peer 10.8.0.2:80"
        ),
        // Exclusions by port, address and owner.
        ("tcp:10.8.0.2:9999", "Connection refused"),
        ("tcp:172.16.3.4:80", "Network is unreachable"),
        ("tcp:10.8.0.2:443,uid=1700", "Connection refused"),
        ("tcp:10.8.0.2:443", "outbound from 127.0.0.1 original 10.8.0.2:443 peer 10.8.0.2:443"),
    ]

    private static let local: [Probe] = [
        // The proxy: to others, to this host, and its hop to the application.
        ("tcp:10.8.0.2:80,uid=5678", "Connection refused"),
        (
            "tcp:10.8.0.1:8080,uid=5678",
            "inbound from 127.0.0.1 original 10.8.0.1:8080 peer 10.8.0.1:8080"
        ),
        ("tcp:fd08::1:8080,uid=5678", "inbound from ::1 original fd08::1:8080 peer fd08::1:8080"),
        (
            "tcp:10.8.0.1:8080,uid=5678,from=127.0.0.6",
            "application from 127.0.0.6 original none peer 10.8.0.1:8080"
        ),
        (
            "tcp:fd08::1:8080,uid=5678,from=::6",
            "application from ::6 original none peer fd08::1:8080"
        ),
        // Other processes of this host.
        ("tcp:127.0.0.1:8080", "application from 127.0.0.1 original none peer 127.0.0.1:8080"),
        ("tcp:::1:8080", "application from ::1 original none peer ::1:8080"),
        ("tcp:10.8.0.1:8080", "application from 10.8.0.1 original none peer 10.8.0.1:8080"),
        ("tcp:0.0.0.0:8080", "application from 127.0.0.1 original none peer 127.0.0.1:8080"),
        // Directly to the proxy.
        (
            "tcp:127.0.0.1:15001",
            "outbound from 127.0.0.1 original 127.0.0.1:15001 peer 127.0.0.1:15001"
        ),
    ]

    private static let datagrams: [Probe] = [
        ("udp:10.8.0.2:53", "dns peer 10.8.0.2:53"),
        ("udp:10.8.0.2:53,connected", "dns peer 10.8.0.2:53"),
        ("udp:fd08::2:53", "dns peer fd08::2:53"),
        ("udp:fd08::2:53,connected", "dns peer fd08::2:53"),
        ("udp:::ffff:10.8.0.2:53", "dns peer ::ffff:10.8.0.2:53"),
        ("udp:::ffff:10.8.0.2:53,connected", "dns peer ::ffff:10.8.0.2:53"),
        ("udp:127.0.0.53:53", "dns peer 127.0.0.53:53"),
        ("udp:10.8.0.2:53,uid=5678,connected", "Connection refused"),
        ("udp:10.8.0.2:54,connected", "Connection refused"),
    ]

    private static let incoming: [Probe] = [
        (
            "tcp:10.8.0.1:8080,namespace=peer",
            "inbound from 10.8.0.2 original 10.8.0.1:8080 peer 10.8.0.1:8080"
        ),
        // Nothing listens on this port but the proxy.
        (
            "tcp:fd08::1:7777,namespace=peer",
            "inbound from fd08::2 original fd08::1:7777 peer fd08::1:7777"
        ),
        (
            "tcp:10.8.0.1:2222,namespace=peer",
            "application from 10.8.0.2 original none peer 10.8.0.1:2222"
        ),
        (
            "tcp:fd08::1:2222,namespace=peer",
            "application from fd08::2 original none peer fd08::1:2222"
        ),
    ]

    private static let flags = [
        "--redirect-all-dns-traffic", "--exclude-outbound-ports 9999",
        "--exclude-outbound-ips 172.16.0.0/16", "--exclude-outbound-ports-for-uids tcp:443:1700",
        "--exclude-inbound-ports 2222",
    ].joined(separator: " ")

    @Test func everySocketGoesToTheRightListener() async throws {
        let probes = Self.outgoing + Self.local + Self.datagrams + Self.incoming
        try await Self.expect(probes, after: "apply \(Self.flags) >/dev/null 2>&1")
    }

    /// Listeners that are open before the programs are attached are found.
    @Test func listenersThatWereOpenBeforeAreFound() async throws {
        try await Sandbox.withMachine(setUp: EBPFScript.setUp) { sandbox in
            let outcome = try await EBPFScript.run(
                """
                serve
                apply >/dev/null 2>&1
                apply --exclude-inbound-ports 1 >/dev/null 2>&1
                ask="import socket, sys
                print(socket.create_connection(('10.8.0.1', int(sys.argv[1])), 3).recv(99).decode())"
                ask=$(printf '%s' "$ask" | sed 's/^ *//')
                ip netns exec peer /usr/bin/python3 -c "$ask" 8080
                ip netns exec peer /usr/bin/python3 -c "$ask" 7777
                """, in: sandbox)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(
                outcome.output == """
                    inbound from 10.8.0.2 original 10.8.0.1:8080
                    inbound from 10.8.0.2 original 10.8.0.1:7777

                    """, "\(outcome.errors)")
        }
    }

    /// Incoming connections of other interfaces than `ebpf.tcAttachIface` are left alone.
    @Test(arguments: [
        ("v0", "inbound from 10.8.0.2 original 10.8.0.1:8080 peer 10.8.0.1:8080"),
        ("lo", "application from 10.8.0.2 original none peer 10.8.0.1:8080"),
    ])
    func incomingConnectionsAreLimitedToAnInterface(
        interface: String, answer: String
    ) async throws {
        try await Self.expect(
            [("tcp:10.8.0.1:8080,namespace=peer", answer)],
            after: "apply --ebpf-tc-attach-iface \(interface) >/dev/null 2>&1")
    }

    /// The programs of two namespaces on one cgroup don't see each other's sockets.
    @Test func namespacesOnOneCgroupAreApart() async throws {
        try await Self.expect(
            [
                // In the other namespace, nothing listens on the proxy's port.
                ("tcp:10.8.0.1:80,namespace=peer", "Connection refused"),
                (
                    "tcp:10.8.0.2:80",
                    "outbound from 127.0.0.1 original 10.8.0.2:80 peer 10.8.0.2:80"
                ),
            ],
            after: """
                apply >/dev/null 2>&1
                peer() { nsenter --net=/run/netns/peer "$@"; }
                peer \(Command.tproxy) apply --backend ebpf --kuma-dp-user 5678 --no-preflight \\
                    --ebpf-bpffs-path /mnt/bpf --ebpf-cgroup-path "$cgroup" >/dev/null 2>&1
                [ $(find /mnt/bpf -name tproxy_connect4 | wc -l) = 2 ]
                """)
    }

    private static func expect(_ probes: [Probe], after commands: String) async throws {
        try await Sandbox.withMachine(setUp: EBPFScript.setUp) { sandbox in
            let words = probes.map { "'\($0.probe)'" }.joined(separator: " ")
            let outcome = try await EBPFScript.run(
                "\(commands)\nin_cgroup probe \(words)", in: sandbox)
            let lines = outcome.output.split(separator: "\n").map(String.init)
            #expect(
                lines == probes.map { "\($0.probe) -> \($0.answer)" },
                "\(outcome.status) \(outcome.errors)")
        }
    }
}
