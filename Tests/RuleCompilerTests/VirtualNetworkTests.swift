import RuleTrace
import Testing
import TproxyTestSupport

/// Redirects of packets from containers (nat PREROUTING), without Kuma's defects.
@Suite struct VirtualNetworkTests {
    private func yaml(_ rest: String = "") -> String {
        """
        redirect:
          vnet: {networks: ["docker0:172.17.0.0/16", "docker0:172.18.0.0/16", "br+:fd00::/64"]}
        \(rest)
        """
    }

    @Test func outgoingTCPOfContainersIsRedirected() throws {
        #expect(try verdict(yaml(), .in(.tcp, to: "203.0.113.1", 80, on: "docker0")) == "15001")
        #expect(try verdict(yaml(), .in(.tcp, to: "2001:db8::1", 80, on: "br7")) == "15001")
        // Inside the network it is a call to this host.
        #expect(try verdict(yaml(), .in(.tcp, to: "172.17.0.1", 80, on: "docker0")) == "15006")
        #expect(try verdict(yaml(), .in(.tcp, to: "203.0.113.1", 80, on: "eth0")) == "15006")
    }

    /// In Kuma the second block of an interface replaces the first.
    @Test func secondBlockOfAnInterfaceIsRedirected() throws {
        #expect(try verdict(yaml(), .in(.tcp, to: "172.18.0.1", 80, on: "docker0")) == "15006")
    }

    /// Kuma redirects containers' DNS to a port without a listener.
    @Test func containersDNSIsRedirectedOnlyWithDNSEnabled() throws {
        let query = try Packet.in(.udp, to: "203.0.113.53", 53, on: "docker0")
        #expect(try verdict(yaml(), query) == "untouched")
        #expect(try verdict(yaml("  dns: {enabled: true, captureAll: true}"), query) == "15053")
    }

    /// The proxy answers containers from zone 2, so their queries must be in it.
    @Test func containersQueriesAreInTheZoneOfTheAnswers() throws {
        let ruleset = try Configuration.compile(yaml("  dns: {enabled: true, captureAll: true}"))
            .ruleset
        let query = try Packet.in(.udp, to: "203.0.113.53", 53, on: "docker0")
        #expect(RuleTrace(ruleset).explain(query).conntrackZone == 2)
    }

    /// Kuma's rules for containers ignore the outbound keys.
    @Test func outboundKeysApplyToContainers() throws {
        let packet = try Packet.in(.tcp, to: "203.0.113.1", 80, on: "docker0")
        #expect(try verdict(yaml("  outbound: {enabled: false}"), packet) == "15006")
        #expect(try verdict(yaml("  outbound: {excludePorts: [80]}"), packet) == "bypassed")
        #expect(
            try verdict(yaml("  outbound: {excludePortsForIPs: [203.0.113.0/24]}"), packet)
                == "bypassed")
        // An excluded destination inside the network is still inbound.
        let inside = try Packet.in(.tcp, to: "172.17.0.1", 80, on: "docker0")
        for excluded in ["172.16.0.0/12", "172.17.0.1"] {
            let rest = "  outbound: {excludePortsForIPs: [\(excluded)]}"
            #expect(try verdict(yaml(rest), inside) == "15006", "\(excluded)")
        }
        #expect(try verdict(yaml("  outbound: {includePorts: [81]}"), packet) == "15006")
        #expect(try verdict(yaml("  outbound: {includePorts: [80]}"), packet) == "15001")
    }
}
