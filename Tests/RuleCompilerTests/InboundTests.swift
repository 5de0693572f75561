import RuleTrace
import Testing
import TproxyTestSupport

/// Kuma's semantics of incoming packets (nat PREROUTING, KUMA_MESH_INBOUND).
@Suite struct InboundTests {
    @Test func incomingTCPIsRedirectedByDefault() throws {
        #expect(try verdict("", .in(.tcp, to: "198.51.100.9", 80)) == "15006")
        #expect(try verdict("", .in(.tcp, to: "2001:db8::9", 80)) == "15006")
        #expect(try verdict("", .in(.udp, to: "198.51.100.9", 53)) == "untouched")
    }

    @Test func disabledInboundBypasses() throws {
        let yaml = "redirect: {inbound: {enabled: false}}"
        #expect(try verdict(yaml, .in(.tcp, to: "198.51.100.9", 80)) == "bypassed")
        // Nothing sends from ::6 then, so no address is added.
        #expect(try Configuration.compile(yaml).ruleset.prerequisites == [])
    }

    @Test func excludedPortsAndSourcesBypass() throws {
        let yaml =
            "redirect: {inbound: {excludePorts: [22], excludePortsForIPs: [203.0.113.0/24]}}"
        #expect(try verdict(yaml, .in(.tcp, to: "198.51.100.9", 22)) == "bypassed")
        #expect(
            try verdict(yaml, .in(.tcp, from: "203.0.113.7", to: "198.51.100.9", 80)) == "bypassed")
        #expect(
            try verdict(yaml, .in(.tcp, from: "192.0.2.7", to: "198.51.100.9", 80)) == "15006")
    }

    @Test func includedPortsOverrideExcludedOnes() throws {
        let yaml = "redirect: {inbound: {includePorts: [80], excludePorts: [80]}}"
        #expect(try verdict(yaml, .in(.tcp, to: "198.51.100.9", 80)) == "15006")
        #expect(try verdict(yaml, .in(.tcp, to: "198.51.100.9", 81)) == "untouched")
    }

    /// In Kuma this list becomes a RETURN without a match, and nothing is redirected.
    @Test func excludedOwnersDontDisableRedirects() throws {
        let yaml = "redirect: {inbound: {excludePortsForUIDs: [\"tcp:80:1000\"]}}"
        #expect(try verdict(yaml, .in(.tcp, to: "198.51.100.9", 80)) == "15006")
        #expect(
            Configuration.problems(yaml).map(\.id) == ["inbound-owner"])
        // It works for packets with an owner, such as the proxy's to this host's own address.
        let proxy = "redirect: {inbound: {excludePortsForUIDs: [\"tcp:80:5678\"]}}"
        #expect(
            try verdict(proxy, .out(.tcp, to: "198.51.100.9", 80, uid: 5678, via: "lo"))
                == "bypassed")
        #expect(
            try verdict(proxy, .out(.tcp, to: "198.51.100.9", 81, uid: 5678, via: "lo"))
                == "15006")
        #expect(try verdict(proxy, .out(.tcp, to: "192.0.2.1", 80, uid: 1000)) == "15001")
    }

    @Test func invalidPacketsAreDroppedOnRequest() throws {
        var packet = try Packet.in(.tcp, to: "198.51.100.9", 80)
        packet.connectionState = .invalid
        #expect(try verdict("dropInvalidPackets: true", packet) == "dropped")
        #expect(try verdict("", packet) == "untouched")
    }

    @Test func ipv4ModeLeavesIPv6Untouched() throws {
        let yaml = "ipFamilyMode: ipv4"
        #expect(try verdict(yaml, .in(.tcp, to: "2001:db8::9", 80)) == "untouched")
        #expect(try verdict(yaml, .out(.tcp, to: "2001:db8::1", 80)) == "untouched")
        #expect(try verdict(yaml, .in(.tcp, to: "198.51.100.9", 80)) == "15006")
        #expect(try Configuration.compile(yaml).ruleset.prerequisites == [])
    }
}
