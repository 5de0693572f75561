import Addressing
import HostFacts
import RuleTrace
import Testing
import TproxyTestSupport

/// The path of a packet after the redirect.
@Suite struct FlowTests {
    private static func flow(
        _ yaml: String = "", _ packet: Packet, proxy user: UserID = .kumaDefault,
        addresses: [LocalAddresses.Entry] = [], resolvers: [IPAddress] = []
    ) throws -> Flow {
        let facts = HostFacts(resolvers: resolvers)
        let setting = ProxySetting(
            user: user, outboundPort: .outboundDefault, inboundPort: .inboundDefault,
            dnsPort: .dnsDefault, resolvers: resolvers,
            addresses: LocalAddresses(loopback: .loopback, entries: addresses))
        let ruleset = try Configuration.compile(yaml, on: facts).ruleset
        return FlowTrace(RuleTrace(ruleset), proxy: setting).follow(packet)
    }

    @Test func outgoingGoesThroughTheProxyToItsDestination() throws {
        let flow = try Self.flow("", .out(.tcp, to: "203.0.113.1", 443, uid: 1000))
        #expect(flow.legs.map(\.purpose) == [.asked, .toDestination])
        #expect(flow.legs[0].target?.address == .localhost(.ipv4))
        #expect(flow.legs[0].target?.listener == .outbound)
        #expect(flow.legs[1].explanation.packet.owner == .kumaDefault)
        #expect(flow.legs[1].explanation.outcome == .bypassed)
        #expect(flow.end == .arrives)
        #expect(flow.replies.map(\.leg) == [1, 0])
        #expect(flow.replies[1].restored?.port == .secureWeb)
    }

    @Test func incomingIsHandedToTheApplicationFrom127006() throws {
        let own = try #require(IPAddress("10.0.0.5"))
        let flow = try Self.flow(
            "", .in(.tcp, to: "10.0.0.5", 8080),
            addresses: [.init(interface: .ethernet, address: own)])
        #expect(flow.legs.map(\.purpose) == [.asked, .toApplication])
        #expect(flow.legs[0].target?.address == own)
        #expect(flow.legs[1].explanation.packet.source == .passthroughSource(.ipv4))
        #expect(flow.legs[1].explanation.packet.interface == .loopback)
        #expect(flow.end == .arrives)
    }

    @Test func theInterfacesAddressIsUnknownWithoutFacts() throws {
        let flow = try Self.flow("", .in(.tcp, to: "10.0.0.5", 8080))
        #expect(flow.legs[0].target?.address == nil)
        #expect(flow.legs[0].target?.interface == .ethernet)
    }

    @Test func dnsAsksTheResolverAndFindsItsWayBackByZones() throws {
        let resolver = try #require(IPAddress("10.0.0.53"))
        let flow = try Self.flow(
            "redirect: {dns: {enabled: true}}", .out(.udp, to: "10.0.0.53", 53, uid: 1000),
            resolvers: [resolver])
        #expect(flow.legs.map(\.purpose) == [.asked, .toResolver])
        #expect(flow.legs.map(\.explanation.conntrackZone) == [2, 1])
        #expect(flow.replies.map(\.explanation.conntrackZone) == [1, 2])
        #expect(flow.replies.map(\.isFound) == [true, true])
    }

    /// Rules for one user, and a proxy that runs as another.
    @Test func aProxyOfAnotherUserLoops() throws {
        let flow = try Self.flow(
            "", .out(.tcp, to: "203.0.113.1", 443, uid: 1000), proxy: .arbitrary)
        #expect(flow.end == .loops(to: 1))
        #expect(flow.replies.isEmpty)
    }

    /// The proxy reaches the host's own service through its other listener.
    @Test func theProxysConnectionToTheHostItselfComesInAgain() throws {
        let packet = try Packet.out(.tcp, to: "127.0.0.2", 80, uid: 5678)
        let flow = try Self.flow("", packet)
        #expect(flow.legs.map(\.target?.listener) == [.inbound, nil])
        #expect(flow.end == .arrives)
    }

    @Test func theReplyToABypassedPacketIsUnchanged() throws {
        let flow = try Self.flow("", .out(.udp, to: "203.0.113.1", 514, uid: 1000))
        #expect(flow.legs.count == 1)
        #expect(flow.replies.map(\.restored) == [nil])
    }
}
