import Foundation
import Testing
import TproxyTestSupport

/// The preflight reports a firewall exactly when it drops redirected packets, and the remedy ends
/// that.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct FirewallTests {
    private static let families = ["IPv4", "IPv6"]

    /// The probes that a finding is about, by the listener that it names.
    private func reported(_ findings: [FirewallHost.Found]) -> Set<FirewallCase.Probe> {
        let ports: [(String, FirewallCase.Probe)] = [
            ("15006/tcp", .incoming), ("15001/tcp", .outgoing), ("15053/udp", .dns),
        ]
        return Set(
            ports.filter { port, _ in findings.contains { $0.seen.contains(port) } }.map(\.1))
    }

    private func expect(_ lost: Set<FirewallCase.Probe>, on host: FirewallHost) async throws {
        try await withThrowingTaskGroup { group in
            for probe in FirewallCase.Probe.allCases {
                for family in Self.families {
                    let isThere = !lost.contains(probe)
                    group.addTask {
                        let arrives = try await host.arrives(probe, family, expecting: isThere)
                        #expect(arrives == isThere, "\(probe), \(family)")
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// The finding, the packets, the remedy, and the packets again.
    private func follow(
        _ lost: Set<FirewallCase.Probe>, on host: FirewallHost, _ backend: String = "nft"
    ) async throws {
        let findings = try await host.findings(backend)
        #expect(findings.allSatisfy { $0.id == "firewall-drops" }, "\(findings)")
        #expect(reported(findings) == lost, "\(findings)")
        try await host.apply(backend)
        try await expect(lost, on: host)
        guard !lost.isEmpty else { return }
        for finding in findings {
            try await host.sandbox.shell(FirewallHost.commands(in: finding.remedy))
        }
        #expect(try await host.findings(backend).map(\.seen) == [])
        try await expect([], on: host)
    }

    @Test(arguments: FirewallCase.plain)
    func lostTrafficIsReportedAndTheRemedyEndsTheLoss(firewall: FirewallCase) async throws {
        try await Sandbox.with { sandbox in
            try await FirewallHost.with(in: sandbox) { host in
                try await sandbox.shell(firewall.load)
                try await follow(firewall.lost, on: host)
            }
        }
    }

    /// The same firewall with our rules in the tables of iptables.
    @Test(arguments: ["iptables-nft", "iptables-legacy"])
    func lostTrafficOfIptablesBackendsIsReported(backend: String) async throws {
        let firewall = try #require(FirewallCase.plain.first)
        try await Sandbox.with { sandbox in
            try await FirewallHost.with(in: sandbox) { host in
                try await sandbox.shell(firewall.load)
                try await follow(firewall.lost, on: host, backend)
            }
        }
    }

    /// kube-proxy's rules drop nothing that is redirected, and leave nothing unclear.
    @Test func kubeProxysRulesAreNoFinding() async throws {
        let saved = HostListing.path("kube-proxy-iptables.iptables-save")
        try await Sandbox.with { sandbox in
            try await FirewallHost.with(in: sandbox) { host in
                try await sandbox.shell(
                    "sed 's/ -m nfacct --nfacct-name  *[a-z_]*//' \(saved) | iptables-nft-restore")
                #expect(try await host.findings().map(\.seen) == [])
                try await host.apply()
                try await expect([], on: host)
            }
        }
    }

    /// A rule with a match that only the kernel can evaluate leads to a note, not to a guess.
    @Test func unknownMatchOfAFirewallIsANote() async throws {
        try await Sandbox.with { sandbox in
            try await FirewallHost.with(in: sandbox) { host in
                try await sandbox.shell(
                    """
                    nft -f - <<'E'
                    table inet wall {
                        chain input {
                            type filter hook input priority filter; policy drop;
                            iif lo accept
                            meta l4proto tcp ct original proto-dst 80 accept
                        }
                    }
                    E
                    """)
                let findings = try await host.findings()
                #expect(findings.map(\.id) == ["firewall-unclear"], "\(findings)")
                #expect(findings.first?.seen.contains("15006/tcp") == true)
            }
        }
    }

    @Test func hostWithoutAFirewallHasNoFinding() async throws {
        try await Sandbox.with { sandbox in
            try await FirewallHost.with(in: sandbox) { host in
                let findings = try await host.findings()
                #expect(findings.isEmpty, "\(findings)")
            }
        }
    }

    /// The real ufw, with a copy of its files.
    @Test(arguments: [false, true])
    func lossInUfwIsReportedWithItsCommands(deniesOutgoing: Bool) async throws {
        try await Sandbox.withMachine(setUp: Self.ufwFiles) { sandbox in
            try await FirewallHost.with(in: sandbox) { host in
                try await sandbox.shell(
                    """
                    ufw --force enable > /dev/null
                    ufw allow 22/tcp; ufw allow 80/tcp
                    \(deniesOutgoing ? "ufw default deny outgoing; ufw allow out 53,80/tcp; ufw allow out 53/udp" : "")
                    """)
                let lost: Set<FirewallCase.Probe> =
                    deniesOutgoing ? [.incoming, .outgoing, .dns] : [.incoming]
                let findings = try await host.findings()
                #expect(findings.allSatisfy { $0.remedy.contains("'ufw allow ") }, "\(findings)")
                try await follow(lost, on: host)
            }
        }
    }

    static let ufwFiles = """
        mount -t tmpfs tmpfs /run
        mkdir /run/etc /run/lib
        cp -a /etc/ufw/. /run/etc/; mount --bind /run/etc /etc/ufw
        cp -a /lib/ufw/. /run/lib/; mount --bind /run/lib /lib/ufw
        cp -a /etc/default/ufw /run/default; mount --bind /run/default /etc/default/ufw
        """

    /// The real firewalld: its zones accept redirected packets, and a policy for outgoing packets
    /// doesn't.
    @Test(arguments: FirewalldRig.Backend.allCases)
    func lossInFirewalldIsReportedWithItsCommands(backend: FirewalldRig.Backend) async throws {
        try await FirewalldRig.with(backend, settings: ["RFC3964_IPv4": "no"]) { rig in
            try await FirewallHost.with(in: rig.host) { host in
                try await rig.start()
                #expect(try await host.findings().map(\.seen) == [])
                try await rig.host.shell(
                    """
                    firewall-cmd -q --permanent --new-policy=out
                    firewall-cmd -q --permanent --policy=out --add-ingress-zone=HOST
                    firewall-cmd -q --permanent --policy=out --add-egress-zone=ANY
                    firewall-cmd -q --permanent --policy=out --set-target=REJECT
                    firewall-cmd -q --permanent --policy=out --add-protocol=ipv6-icmp
                    firewall-cmd -q --permanent --policy=out --add-port=80/tcp
                    firewall-cmd -q --permanent --policy=out --add-port=53/udp
                    firewall-cmd -q --reload
                    """)
                let findings = try await host.findings()
                #expect(
                    findings.allSatisfy { $0.remedy.contains("'firewall-cmd --policy=out ") },
                    "\(findings)")
                try await follow([.outgoing, .dns], on: host)
            }
        }
    }
}
