import Addressing
import HostFacts
import RuleIR
import RuleTrace
import Testing
import TproxyTestSupport

/// Redirects of DNS over UDP, and conntrack zones (nat and raw).
@Suite struct DNSTests {
    private let toResolvers = "redirect: {dns: {enabled: true}}"
    private let toAll = "redirect: {dns: {enabled: true, captureAll: true}}"

    private func facts(_ resolvers: String..., docker: Bool = false) throws -> HostFacts {
        HostFacts(
            resolvers: try resolvers.map { try #require(IPAddress($0)) }, hasDockerDNSChain: docker)
    }

    @Test func queriesToResolversAreRedirected() throws {
        let facts = try facts("192.0.2.53", "2001:db8::53")
        #expect(try verdict(toResolvers, .out(.udp, to: "192.0.2.53", 53), on: facts) == "15053")
        #expect(try verdict(toResolvers, .out(.udp, to: "2001:db8::53", 53), on: facts) == "15053")
        #expect(
            try verdict(toResolvers, .out(.udp, to: "192.0.2.54", 53), on: facts) == "untouched")
        #expect(
            try verdict(toResolvers, .out(.udp, to: "192.0.2.53", 53, uid: 5678), on: facts)
                == "bypassed")
        #expect(
            try verdict(toResolvers, .out(.udp, to: "192.0.2.53", 54), on: facts) == "untouched")
    }

    @Test func queriesToEveryServerAreRedirectedWithCaptureAll() throws {
        #expect(try verdict(toAll, .out(.udp, to: "192.0.2.54", 53)) == "15053")
        #expect(try verdict(toAll, .out(.udp, to: "2001:db8::1", 53)) == "15053")
        #expect(try verdict(toAll, .out(.udp, to: "192.0.2.54", 53, uid: 5678)) == "bypassed")
    }

    @Test func dnsOverTCPBypassesWhereDNSIsRedirected() throws {
        let facts = try facts("192.0.2.53")
        #expect(try verdict(toResolvers, .out(.tcp, to: "192.0.2.53", 53), on: facts) == "bypassed")
        // Without an IPv6 server, IPv6 DNS isn't redirected and needs no bypass.
        #expect(try verdict(toResolvers, .out(.tcp, to: "2001:db8::1", 53), on: facts) == "15001")
        #expect(try verdict("", .out(.tcp, to: "192.0.2.53", 53), on: facts) == "15001")
    }

    /// Kuma's bypass comes after an inserted jump and has no effect.
    @Test func dnsOverTCPBypassesAnInsertedJump() throws {
        let yaml = """
            redirect:
              dns: {enabled: true, captureAll: true}
              outbound: {insertRedirectInsteadOfAppend: true}
            """
        #expect(try verdict(yaml, .out(.tcp, to: "192.0.2.53", 53)) == "bypassed")
        #expect(try verdict(yaml, .out(.tcp, to: "192.0.2.53", 80)) == "15001")
    }

    @Test func familyWithoutAResolverIsWarnedOf() throws {
        let compilation = try Configuration.compile(toResolvers, on: facts("192.0.2.53"))
        #expect(compilation.warnings.map(\.id) == ["no-resolver"])
        #expect(compilation.warnings[0].message.contains("IPv6"))
        let neither = try Configuration.compile(toResolvers)
        #expect(neither.warnings.map(\.id) == ["no-resolver", "no-resolver"])
    }

    @Test func queriesHaveTheirOwnConntrackZones() throws {
        func zone(_ packet: Packet) throws -> UInt16 {
            let facts = try facts("192.0.2.53")
            return RuleTrace(try Configuration.compile(toResolvers, on: facts).ruleset)
                .explain(packet).conntrackZone
        }
        #expect(try zone(.out(.udp, to: "192.0.2.53", 53)) == 2)
        #expect(try zone(.out(.udp, to: "192.0.2.53", 53, uid: 5678)) == 1)
        #expect(
            try zone(.out(.udp, sourcePort: 15053, to: "127.0.0.1", 40000, uid: 5678)) == 2)
        #expect(
            try zone(.in(.udp, from: "192.0.2.53", sourcePort: 53, to: "198.51.100.9", 40000)) == 1)
        #expect(try zone(.out(.udp, to: "192.0.2.54", 53)) == 0)
    }

    @Test func zoneSplitCanBeSkipped() throws {
        let yaml =
            "redirect: {dns: {enabled: true, captureAll: true, skipConntrackZoneSplit: true}}"
        let ruleset = try Configuration.compile(yaml).ruleset
        #expect(ruleset.baseChain(.raw, .output) == nil)
        #expect(ruleset.baseChain(.raw, .prerouting) == nil)
    }

    @Test func proxysQueriesYieldToDockersResolver() throws {
        let facts = try facts("127.0.0.11", docker: true)
        let compilation = try Configuration.compile(toResolvers, on: facts)
        let own = try Packet.out(.udp, to: "127.0.0.11", 53, uid: 5678)
        let explanation = RuleTrace(compilation.ruleset).explain(own)
        #expect(explanation.decisive?.rule.action == .yieldToDockerDNS)
        #expect(try verdict(toResolvers, .out(.udp, to: "127.0.0.11", 53), on: facts) == "15053")
        // Docker answers over loopback, so its answers are output packets.
        let answer = try Packet.out(
            .udp, from: "127.0.0.11", sourcePort: 40053, to: "127.0.0.1", 40000)
        #expect(RuleTrace(compilation.ruleset).explain(answer).conntrackZone == 1)
    }

    /// In iptables, a packet that returns before Docker's rule never reaches it.
    @Test(arguments: [
        ("outbound: {excludePortsForUIDs: [\"udp:53:1000\"]}", "udp:127.0.0.11"),
        ("outbound: {excludePortsForUIDs: [\"1000\"]}", "tcp:127.0.0.11 udp:127.0.0.11"),
        ("outbound: {excludePortsForUIDs: [\"tcp:80:1000\"]}", ""),
        ("outbound: {excludePortsForIPs: [127.0.0.0/8]}", "tcp:127.0.0.11 udp:127.0.0.11"),
        ("outbound: {excludePortsForIPs: [10.0.0.0/8]}", ""),
        (
            "dns: {enabled: true}, outbound: {insertRedirectInsteadOfAppend: true}",
            "tcp:127.0.0.11 tcp:192.0.2.53"
        ),
    ])
    func excludedQueriesYieldToDocker(redirect: String, expected: String) throws {
        let facts = try facts("127.0.0.11", docker: true)
        let trace = RuleTrace(
            try Configuration.compile("redirect: {\(redirect)}", on: facts).ruleset)
        var left: [String] = []
        for transport in TransportProtocol.allCases {
            for server in ["127.0.0.11", "192.0.2.53"] {
                let query = try Packet.out(transport, to: server, 53, uid: 1000)
                if trace.explain(query).decisive?.rule.action == .yieldToDockerDNS {
                    left.append("\(transport.rawValue):\(server)")
                }
            }
        }
        #expect(left.joined(separator: " ") == expected)
    }

    @Test func captureAllBesideDockerHasNoZoneSplitForIPv4() throws {
        let compilation = try Configuration.compile(toAll, on: facts(docker: true))
        #expect(compilation.warnings.map(\.id) == ["no-zone-split"])
        let trace = RuleTrace(compilation.ruleset)
        #expect(trace.explain(try .out(.udp, to: "192.0.2.53", 53)).conntrackZone == 0)
        let answer = try Packet.in(
            .udp, from: "192.0.2.53", sourcePort: 53, to: "198.51.100.9", 40000)
        #expect(trace.explain(answer).conntrackZone == 0)
        // Docker's rules are for IPv4.
        #expect(trace.explain(try .out(.udp, to: "2001:db8::53", 53)).conntrackZone == 2)
        var alone = try facts(docker: true)
        alone.ipv6.isUsable = false
        let ruleset = try Configuration.compile(toAll, on: alone).ruleset
        #expect(ruleset.baseChain(.raw, .output) == nil)
    }

    /// Kuma writes the rules server by server.
    @Test func zoneOfALoopbackServersAnswersFollowsItsQueries() throws {
        let ruleset = try Configuration.compile(
            toResolvers, on: facts("127.0.0.11", "192.0.2.53", "127.0.0.53")
        ).ruleset
        let zones = try #require(ruleset.baseChain(.raw, .output)).last.dropFirst(2).map {
            $0.action
        }
        #expect(
            zones == [2, 1, 2, 2, 1].map { .conntrackZone($0) })
    }
}
