import RuleTrace
import Testing
import TproxyTestSupport

/// Capture of what containers send (nat PREROUTING), less Kuma's defects.
@Suite struct VirtualNetworkTests {
    private func yaml(_ rest: String = "") -> String {
        """
        redirect:
          vnet: {networks: ["docker0:172.17.0.0/16", "docker0:172.18.0.0/16", "br+:fd00::/64"]}
        \(rest)
        """
    }

    @Test func outgoingTCPIsCaptured() throws {
        #expect(try verdict(yaml(), .in(.tcp, to: "203.0.113.1", 80, on: "docker0")) == "15001")
        #expect(try verdict(yaml(), .in(.tcp, to: "2001:db8::1", 80, on: "br7")) == "15001")
        // Inside the network it is a call to this host.
        #expect(try verdict(yaml(), .in(.tcp, to: "172.17.0.1", 80, on: "docker0")) == "15006")
        #expect(try verdict(yaml(), .in(.tcp, to: "203.0.113.1", 80, on: "eth0")) == "15006")
    }

    /// In Kuma the second block of an interface replaces the first.
    @Test func severalBlocksOfOneInterface() throws {
        #expect(try verdict(yaml(), .in(.tcp, to: "172.18.0.1", 80, on: "docker0")) == "15006")
    }

    /// Kuma redirects containers' DNS to a port where nobody listens.
    @Test func dnsOnlyWhereDNSIsCaptured() throws {
        let query = try Packet.in(.udp, to: "203.0.113.53", 53, on: "docker0")
        #expect(try verdict(yaml(), query) == "untouched")
        #expect(try verdict(yaml("  dns: {enabled: true, captureAll: true}"), query) == "15053")
    }

    /// The proxy answers containers from zone 2, so their queries must be in it.
    @Test func theirQueriesAreInTheZoneOfTheAnswers() throws {
        let ruleset = try Configuration.compile(yaml("  dns: {enabled: true, captureAll: true}"))
            .ruleset
        let query = try Packet.in(.udp, to: "203.0.113.53", 53, on: "docker0")
        #expect(RuleTrace(ruleset).explain(query).conntrackZone == 2)
    }

    /// Kuma's rules for containers look at none of the outbound keys.
    @Test func outboundKeysCount() throws {
        let packet = try Packet.in(.tcp, to: "203.0.113.1", 80, on: "docker0")
        #expect(try verdict(yaml("  outbound: {enabled: false}"), packet) == "15006")
        #expect(try verdict(yaml("  outbound: {excludePorts: [80]}"), packet) == "exempt")
        #expect(
            try verdict(yaml("  outbound: {excludePortsForIPs: [203.0.113.0/24]}"), packet)
                == "exempt")
        // What is excluded and inside of the network still comes in.
        let inside = try Packet.in(.tcp, to: "172.17.0.1", 80, on: "docker0")
        for excluded in ["172.16.0.0/12", "172.17.0.1"] {
            let rest = "  outbound: {excludePortsForIPs: [\(excluded)]}"
            #expect(try verdict(yaml(rest), inside) == "15006", "\(excluded)")
        }
        #expect(try verdict(yaml("  outbound: {includePorts: [81]}"), packet) == "15006")
        #expect(try verdict(yaml("  outbound: {includePorts: [80]}"), packet) == "15001")
    }
}
