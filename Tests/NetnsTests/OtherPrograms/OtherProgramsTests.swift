import Foundation
import Testing
import TproxyTestSupport

/// What `explain --ruleset` says of hosts with other programs' rules, compared with real packets.
///
/// No rule on the path of a packet stays unknown, and every packet arrives where `explain` says.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct OtherProgramsTests {
    /// Packets of every kind to a one-node cluster's Service, its node port, and addresses without
    /// one.
    private static func servicePackets(_ service: String) -> [ProbePacket] {
        [.host(0), .host(1000), .peer, .pod].flatMap { origin -> [ProbePacket] in
            [
                .init(origin, "tcp", service, 80), .init(origin, "tcp", service, 81),
                .init(origin, "udp", service, 80), .init(origin, "tcp", "10.96.0.1", 443),
                .init(origin, "tcp", "10.96.0.9", 80), .init(origin, "tcp", "10.200.0.1", 30080),
                .init(origin, "tcp", "10.200.0.1", 22), .init(origin, "tcp", "198.51.100.1", 22),
                .init(origin, "tcp", "198.51.100.1", 30080),
                .init(origin, "tcp", "10.88.9.2", 8080), .init(origin, "udp", "10.88.9.2", 53),
                .init(origin, "tcp", "2001:db8:9::2", 80),
            ]
        }
    }

    @Test func packetsToServicesGoWhereExplainSaysWithKubeProxysNftables() async throws {
        let file = HostListing.path("kube-proxy-nftables.nft.json")
        try await Sandbox.with { sandbox in
            try await ProbeHost.with(in: sandbox) { host in
                // What iptables loaded can't be loaded from a listing of nft; kubelet's canaries.
                try await sandbox.shell(
                    """
                    /usr/bin/python3 -c '
                    import json, sys
                    rules = json.load(open(sys.argv[1]))
                    def is_own(one):
                        value = next(iter(one.values()))
                        name = value.get("table", value.get("name"))
                        return "metainfo" in one or name == "kube-proxy"
                    rules["nftables"] = list(filter(is_own, rules["nftables"]))
                    print(json.dumps(rules))' \(file) | nft -j -f -
                    """)
                let packets = Self.servicePackets("10.96.189.36")
                try await host.expectAgreement(packets)
                try await host.expectAgreement(packets, [file])
            }
        }
    }

    @Test func packetsToServicesGoWhereExplainSaysWithKubeProxysIptables() async throws {
        let file = HostListing.path("kube-proxy-iptables.iptables-save")
        try await Sandbox.with { sandbox in
            try await ProbeHost.with(in: sandbox) { host in
                // The counters of nfacct, which match every packet, are objects of their own.
                try await sandbox.shell(
                    "sed 's/ -m nfacct --nfacct-name  *[a-z_]*//' \(file) | iptables-nft-restore")
                let packets = Self.servicePackets("10.96.105.138")
                try await host.expectAgreement(packets)
                // With and without the listing of nft, which has no values of extensions.
                try await host.expectAgreement(packets, [file])
                // Nothing has what ip6tables' extensions match.
                try await host.expectAgreement(
                    packets.filter { !$0.address.contains(":") },
                    [HostListing.path("kube-proxy-iptables.nft.json"), file])
            }
        }
    }

    /// Each endpoint is an outcome, and every packet arrives at one of them.
    @Test(arguments: [
        "dnat ip to numgen random mod 2 map { 0 : 10.88.9.2 . 8080, 1 : 10.88.9.2 . 8081 }",
        "dnat ip to 10.88.9.2:8080-8081 random",
        "numgen random mod 2 vmap { 0 : jump one, 1 : goto two }",
        "jhash ip saddr . tcp sport mod 2 seed 0x1 vmap { 0 : jump one, 1 : goto two }",
    ])
    func everyEndpointIsAnOutcome(statement: String) async throws {
        try await Sandbox.with { sandbox in
            try await ProbeHost.with(in: sandbox) { host in
                try await sandbox.shell(
                    """
                    nft -f - <<'E'
                    table ip services {
                        chain one { meta l4proto tcp dnat to 10.88.9.2:8080; }
                        chain two { meta l4proto tcp dnat to 10.88.9.2:8081; }
                        chain entry {
                            type nat hook output priority -100;
                            ip daddr 10.96.0.7 tcp dport 80 \(statement)
                            ip daddr 10.96.0.8 tcp dport 80 drop
                        }
                    }
                    E
                    """)
                try await Self.expectBothEndpoints(host)
            }
        }
    }

    /// The same with the targets and matches of iptables.
    @Test(arguments: [
        """
        -A OUTPUT -d 10.96.0.7/32 -p tcp -m tcp --dport 80 -j DNAT \
        --to-destination 10.88.9.2:8080-8081 --random
        """,
        """
        -A OUTPUT -d 10.96.0.7/32 -p tcp -m statistic --mode random --probability 0.5 -j ONE
        -A OUTPUT -d 10.96.0.7/32 -p tcp -j DNAT --to-destination 10.88.9.2:8081
        """,
    ])
    func everyTargetOfIptablesIsAnOutcome(rules: String) async throws {
        try await Sandbox.with { sandbox in
            try await ProbeHost.with(in: sandbox) { host in
                let restored = try await sandbox.run(
                    "iptables-nft-restore",
                    input: """
                        *nat
                        :OUTPUT ACCEPT [0:0]
                        :ONE - [0:0]
                        \(rules)
                        -A ONE -p tcp -j DNAT --to-destination 10.88.9.2:8080
                        COMMIT
                        *filter
                        :OUTPUT ACCEPT [0:0]
                        -A OUTPUT -d 10.96.0.8/32 -j DROP
                        COMMIT

                        """)
                try #require(restored.status == 0, "\(restored.errors)")
                try await Self.expectBothEndpoints(host)
            }
        }
    }

    private static func expectBothEndpoints(_ host: ProbeHost) async throws {
        // Two equal halves: 40 packets to one of them happen once in 10^12 runs.
        let packets = (0..<40).map { _ in ProbePacket(.host(0), "tcp", "10.96.0.7", 80) }
        try await host.expectAgreement(packets + [.init(.host(0), "tcp", "10.96.0.8", 80)])
        let landed = try await host.send(packets, waiting: packets.map { _ in 30 })
        #expect(Set(landed) == ["10.88.9.2 8080", "10.88.9.2 8081"])
        let folder = try TestFolder()
        let answers = try await host.explain(
            Array(packets.prefix(1)), try await host.listings(folder)
        ).answers
        withExtendedLifetime(folder) {}
        #expect(answers.first?.alternatives?.count == 1)
    }

    /// A mark that one rule sets, another matches, through a connection's mark and a copy.
    @Test func packetsWithMarksGoWhereExplainSays() async throws {
        try await Sandbox.with { sandbox in
            try await ProbeHost.with(in: sandbox) { host in
                try await sandbox.shell(
                    """
                    nft -f - <<'E'
                    table ip marks {
                        set users { type uid . inet_service; elements = { 1000 . 80, 0 . 8080 }; }
                        chain first {
                            type filter hook output priority -150;
                            tcp dport 80 meta mark set 0x3
                            tcp dport 8080 meta mark set meta mark | 0x10
                            tcp dport 8081 ct mark set 0x7
                            ct mark 0x7 meta mark set ct mark
                            meta mark & 0x3 == 0x3 meta mark set meta mark ^ 0x2
                        }
                        chain second {
                            type nat hook output priority -100;
                            meta mark { 0x1, 0x10 } ip daddr 10.88.9.2 tcp dport 80 dnat to :8081
                            meta mark & 0x10 != 0 tcp dport 8080 dnat to 10.88.9.2:80
                        }
                        chain last {
                            type filter hook output priority 0;
                            meta mark 0x5 drop
                            meta skuid . tcp dport @users ip daddr 198.51.100.2 drop
                        }
                    }
                    E
                    """)
                try await host.expectAgreement(
                    [.host(0), .host(1000)].flatMap { origin in
                        [
                            .init(origin, "tcp", "10.88.9.2", 80),
                            .init(origin, "tcp", "10.88.9.2", 8080),
                            .init(origin, "tcp", "10.88.9.2", 8081),
                            .init(origin, "tcp", "198.51.100.2", 80),
                            .init(origin, "tcp", "198.51.100.2", 8080),
                            .init(origin, "tcp", "198.51.100.2", 22),
                            .init(origin, "udp", "198.51.100.2", 53),
                        ]
                    })
            }
        }
    }

    /// The same with MARK, CONNMARK, multiport and addrtype.
    @Test func packetsWithMarksOfIptablesGoWhereExplainSays() async throws {
        try await Sandbox.with { sandbox in
            try await ProbeHost.with(in: sandbox) { host in
                let restored = try await sandbox.run(
                    "iptables-nft-restore",
                    input: """
                        *mangle
                        :OUTPUT ACCEPT [0:0]
                        :PREROUTING ACCEPT [0:0]
                        -A OUTPUT -p tcp -m multiport --dports 80,8080:8081 -j MARK --set-xmark 0x3/0xff
                        -A OUTPUT -p tcp -m tcp --dport 8081 -j MARK --set-xmark 0x2/0x0
                        -A OUTPUT -p tcp -m tcp --dport 22 -j CONNMARK --set-xmark 0x9/0xffffffff
                        -A OUTPUT -j CONNMARK --restore-mark --nfmask 0x8 --ctmask 0x8
                        -A PREROUTING -i probe0 -p tcp -m tcp --dport 22 -j MARK --set-xmark 0x20/0x20
                        COMMIT
                        *nat
                        :OUTPUT ACCEPT [0:0]
                        -A OUTPUT -p tcp -m mark --mark 0x1/0x3 -j DNAT --to-destination 10.88.9.2:80
                        -A OUTPUT -p tcp -m mark --mark 0x3/0x3 -m addrtype ! --dst-type LOCAL \
                        -m comment --comment x -j DNAT --to-destination 10.88.9.2:8080
                        COMMIT
                        *filter
                        :INPUT ACCEPT [0:0]
                        :OUTPUT ACCEPT [0:0]
                        :FORWARD ACCEPT [0:0]
                        -A INPUT -i probe0 -m mark ! --mark 0x0/0x20 -j DROP
                        -A OUTPUT -m mark --mark 0x8/0x8 -j REJECT
                        -A FORWARD -i probe0 -o pod0 -p tcp -m multiport --ports 25,53 -j DROP
                        COMMIT

                        """)
                try #require(restored.status == 0, "\(restored.errors)")
                try await host.expectAgreement(
                    [.host(0), .peer, .pod].flatMap { origin in
                        [
                            .init(origin, "tcp", "198.51.100.2", 80),
                            .init(origin, "tcp", "198.51.100.2", 8081),
                            .init(origin, "tcp", "198.51.100.2", 22),
                            .init(origin, "tcp", "198.51.100.1", 80),
                            .init(origin, "tcp", "198.51.100.1", 22),
                            .init(origin, "tcp", "10.88.9.2", 25),
                            .init(origin, "udp", "10.88.9.2", 53),
                        ]
                    }.filter { packet in
                        // Nothing is sent to itself through the network.
                        if case .peer = packet.origin { return packet.address != "198.51.100.2" }
                        if case .pod = packet.origin { return packet.address != "10.88.9.2" }
                        return true
                    })
            }
        }
    }
}
