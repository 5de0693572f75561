import Addressing
import HostFacts
import RuleTrace
import Testing
import TproxyTestSupport

/// Kuma's semantics of outgoing packets (nat OUTPUT, KUMA_MESH_OUTBOUND).
@Suite struct OutboundTests {
    @Test func outgoingTCPIsRedirectedByDefault() throws {
        #expect(try verdict("", .out(.tcp, to: "203.0.113.1", 80)) == "15001")
        #expect(try verdict("", .out(.tcp, to: "2001:db8::1", 80)) == "15001")
        #expect(try verdict("", .out(.tcp, to: "203.0.113.1", 80, uid: 5678)) == "bypassed")
        #expect(try verdict("", .out(.udp, to: "203.0.113.1", 80)) == "untouched")
        #expect(try verdict("", .out(.udp, to: "203.0.113.1", 53)) == "untouched")
        // A reset from the kernel has no owner, so it isn't the proxy's.
        #expect(try verdict("", .out(.tcp, to: "203.0.113.1", 80, uid: nil)) == "15001")
    }

    @Test func localPacketsBypassOrArriveAtInbound() throws {
        #expect(try verdict("", .out(.tcp, to: "127.0.0.1", 80)) == "bypassed")
        #expect(try verdict("", .out(.tcp, to: "127.0.0.1", 80, uid: 5678)) == "bypassed")
        #expect(try verdict("", .out(.tcp, to: "198.51.100.9", 80, via: "lo")) == "bypassed")
        // From the proxy to the host's own address: the other end of a call to the host itself.
        #expect(
            try verdict("", .out(.tcp, to: "198.51.100.9", 80, uid: 5678, via: "lo")) == "15006")
        #expect(
            try verdict("", .out(.tcp, to: "2001:db8::9", 80, uid: 5678, via: "lo")) == "15006")
        // The hop to the application, which has the source address of Envoy's passthrough cluster.
        #expect(
            try verdict(
                "", .out(.tcp, from: "127.0.0.6", to: "198.51.100.9", 80, uid: 5678, via: "lo"))
                == "bypassed")
        #expect(
            try verdict("", .out(.tcp, from: "::6", to: "2001:db8::9", 80, uid: 5678, via: "lo"))
                == "bypassed")
        // Only 127.0.0.1 itself is localhost.
        #expect(try verdict("", .out(.tcp, to: "127.0.0.2", 80, uid: 5678)) == "15006")
    }

    @Test func excludedAddressesCoverUDPAndDNS() throws {
        let yaml =
            "redirect: {dns: {enabled: true, captureAll: true}, outbound: {excludePortsForIPs: [203.0.113.0/24]}}"
        #expect(try verdict(yaml, .out(.tcp, to: "203.0.113.1", 80)) == "bypassed")
        #expect(try verdict(yaml, .out(.udp, to: "203.0.113.1", 53)) == "bypassed")
        #expect(try verdict(yaml, .out(.udp, to: "192.0.2.1", 53)) == "15053")
        #expect(try verdict(yaml, .out(.tcp, to: "192.0.2.1", 80)) == "15001")
    }

    @Test func excludedOwnersCoverUDPAndDNS() throws {
        let yaml = """
            redirect:
              dns: {enabled: true, captureAll: true}
              outbound: {excludePortsForUIDs: ["tcp:80,90-99:1000", "udp:53:1000-1005"]}
            """
        #expect(try verdict(yaml, .out(.tcp, to: "192.0.2.1", 95, uid: 1000)) == "bypassed")
        #expect(try verdict(yaml, .out(.tcp, to: "192.0.2.1", 81, uid: 1000)) == "15001")
        #expect(try verdict(yaml, .out(.tcp, to: "192.0.2.1", 80, uid: 1001)) == "15001")
        #expect(try verdict(yaml, .out(.udp, to: "192.0.2.1", 53, uid: 1005)) == "bypassed")
        #expect(try verdict(yaml, .out(.udp, to: "192.0.2.1", 53, uid: 1006)) == "15053")
        #expect(try verdict(yaml, .out(.udp, to: "192.0.2.1", 53, uid: nil)) == "15053")
    }

    @Test func excludedPortsCoverTCPOnly() throws {
        let yaml =
            "redirect: {dns: {enabled: true, captureAll: true}, outbound: {excludePorts: [53, 80]}}"
        #expect(try verdict(yaml, .out(.tcp, to: "192.0.2.1", 80)) == "bypassed")
        #expect(try verdict(yaml, .out(.udp, to: "192.0.2.1", 53)) == "15053")
    }

    @Test func includedPortsOverrideExcludedOnes() throws {
        let yaml = "redirect: {outbound: {includePorts: [80, 443], excludePorts: [80]}}"
        #expect(try verdict(yaml, .out(.tcp, to: "192.0.2.1", 80)) == "15001")
        #expect(try verdict(yaml, .out(.tcp, to: "192.0.2.1", 81)) == "untouched")
    }

    @Test func disabledOutboundBypassesButRedirectsDNS() throws {
        let yaml = "redirect: {outbound: {enabled: false}, dns: {enabled: true, captureAll: true}}"
        #expect(try verdict(yaml, .out(.tcp, to: "192.0.2.1", 80)) == "bypassed")
        #expect(try verdict(yaml, .out(.udp, to: "192.0.2.1", 53)) == "15053")
    }

    @Test(arguments: ["0.0.0.0/0", "255.255.255.255", "203.0.113.1/32"])
    func exclusionsAtTheEndsOfTheAddressSpaceBypass(prefix: String) throws {
        let yaml = "redirect: {outbound: {excludePortsForIPs: [\"\(prefix)\"]}}"
        let last = prefix.split(separator: "/").first.map(String.init) ?? ""
        #expect(
            try verdict(yaml, .out(.tcp, to: last == "0.0.0.0" ? "1.2.3.4" : last, 80))
                == "bypassed")
        #expect(try verdict(yaml, .out(.tcp, to: "2001:db8::1", 80)) == "15001")
    }

    @Test func decidingListItemIsNamed() throws {
        let yaml = "redirect: {outbound: {excludePortsForIPs: [10.0.0.1, 10.0.0.0/8]}}"
        #expect(
            try decidingKey(yaml, .out(.tcp, to: "10.9.9.9", 80))
                == "redirect.outbound.excludePortsForIPs[1]")
        #expect(
            try decidingKey(yaml, .out(.tcp, to: "10.0.0.1", 80))
                == "redirect.outbound.excludePortsForIPs[0]")
    }

    @Test func otherLoopbackAndOtherProxyUserAreHonoured() throws {
        let loopback = try #require(InterfaceName("lo1"))
        let user = try #require(UserID(77))
        let facts = HostFacts(proxyUser: user, loopback: loopback)
        #expect(try verdict("", .out(.tcp, to: "192.0.2.1", 80, uid: 77), on: facts) == "bypassed")
        #expect(
            try verdict("", .out(.tcp, to: "192.0.2.9", 80, uid: 77, via: "lo1"), on: facts)
                == "15006")
        // A UID in the configuration overrides the facts.
        #expect(
            try verdict("kumaDPUser: 88", .out(.tcp, to: "192.0.2.1", 80, uid: 88), on: facts)
                == "bypassed")
    }
}
