import Foundation
import Testing
import TproxyTestSupport

/// `explain --ruleset` on hosts of the real Docker, firewalld and ufw, compared with real packets.
///
/// With `RECORD=1` these tests write the listings in Tests/Listings.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct RealProgramsTests {
    @Test(arguments: DockerRig.Flavour.allCases)
    func packetsToPublishedPortsGoWhereExplainSays(flavour: DockerRig.Flavour) async throws {
        try await DockerRig.with(flavour) { rig in
            try await ProbeHost.with(in: rig.host) { host in
                let process = try await rig.publish([
                    "8090:80", "198.51.100.1:9090:81", "5353:53/udp",
                ])
                try await host.serve(inNamespaceOf: process.process)
                try await HostListing.record("docker-\(flavour.rawValue)", of: host)
                try await host.expectAgreement(
                    [.host(0), .host(1000), .peer].flatMap { origin in
                        [
                            .init(origin, "tcp", "198.51.100.1", 8090),
                            .init(origin, "tcp", "10.200.0.1", 8090),
                            .init(origin, "tcp", "198.51.100.1", 9090),
                            .init(origin, "udp", "198.51.100.1", 5353),
                            .init(origin, "tcp", "198.51.100.1", 22),
                            .init(origin, "tcp", process.address, 80),
                            .init(origin, "tcp", process.address, 22),
                            .init(origin, "udp", process.address, 53),
                        ]
                    })
            }
        }
    }

    @Test(arguments: FirewalldRig.Backend.allCases)
    func packetsToZonesGoWhereExplainSays(backend: FirewalldRig.Backend) async throws {
        try await FirewalldRig.with(backend) { rig in
            try await ProbeHost.with(in: rig.host) { host in
                try await rig.start()
                try await rig.host.shell(
                    """
                    firewall-cmd -q --permanent --zone=external --add-interface=probe0
                    firewall-cmd -q --permanent --zone=external --add-port=81/tcp
                    firewall-cmd -q --permanent --zone=external --add-service=dns
                    firewall-cmd -q --permanent --zone=external \\
                        --add-forward-port=port=8080:proto=tcp:toport=80:toaddr=10.88.9.2
                    firewall-cmd -q --permanent --zone=external \\
                        --add-forward-port=port=9000:proto=tcp:toport=81
                    firewall-cmd -q --permanent --zone=internal --add-interface=pod0
                    firewall-cmd -q --permanent --zone=drop --add-source=10.200.0.0/24
                    firewall-cmd -q --permanent --zone=external \\
                        --add-rich-rule='rule family=ipv4 source address=198.51.100.0/24 port port=2222 protocol=tcp accept'
                    firewall-cmd -q --reload
                    """)
                try await HostListing.record("firewalld-\(backend.rawValue)", of: host)
                try await host.expectAgreement(
                    [.host(0), .peer, .pod].flatMap { origin -> [ProbePacket] in
                        [
                            .init(origin, "tcp", "198.51.100.1", 22),
                            .init(origin, "tcp", "198.51.100.1", 25),
                            .init(origin, "tcp", "198.51.100.1", 81),
                            .init(origin, "tcp", "198.51.100.1", 2222),
                            .init(origin, "udp", "198.51.100.1", 53),
                            .init(origin, "udp", "198.51.100.1", 80),
                            .init(origin, "tcp", "198.51.100.1", 8080),
                            .init(origin, "tcp", "198.51.100.1", 9000),
                            .init(origin, "tcp", "2001:db8:1::1", 22),
                            .init(origin, "tcp", "2001:db8:1::1", 25),
                        ]
                    } + [
                        .init(.peer, "tcp", "10.88.9.2", 80),
                        .init(.pod, "tcp", "198.51.100.2", 80),
                        .init(.host(0), "tcp", "10.88.9.2", 80),
                        .init(.host(0), "udp", "198.51.100.2", 53),
                    ])
            }
        }
    }

    @Test func packetsThroughUfwGoWhereExplainSays() async throws {
        try await Sandbox.withMachine(setUp: FirewallTests.ufwFiles) { sandbox in
            try await ProbeHost.with(in: sandbox) { host in
                try await sandbox.shell(
                    """
                    ufw --force enable > /dev/null
                    ufw allow 22/tcp; ufw limit 2222/tcp; ufw deny out 25/tcp
                    ufw allow from 198.51.100.0/24 to any port 8080 proto tcp
                    ufw route allow in on probe0 out on pod0 to 10.88.9.2 port 80 proto tcp
                    """)
                try await HostListing.record("ufw", of: host)
                try await host.expectAgreement(
                    [.host(0), .peer, .pod].flatMap { origin -> [ProbePacket] in
                        [
                            .init(origin, "tcp", "198.51.100.1", 22),
                            .init(origin, "tcp", "198.51.100.1", 80),
                            .init(origin, "tcp", "198.51.100.1", 2222),
                            .init(origin, "tcp", "198.51.100.1", 8080),
                            .init(origin, "udp", "198.51.100.1", 53),
                            .init(origin, "tcp", "2001:db8:1::1", 22),
                            .init(origin, "tcp", "2001:db8:1::1", 80),
                        ]
                    } + [
                        .init(.peer, "tcp", "10.88.9.2", 80), .init(.peer, "tcp", "10.88.9.2", 81),
                        .init(.pod, "tcp", "198.51.100.2", 80),
                        .init(.host(0), "tcp", "198.51.100.2", 25),
                        .init(.host(0), "tcp", "198.51.100.2", 80),
                    ])
            }
        }
    }
}
