import Addressing
import Rehearsal
import RuleIR
import RuleTrace
import Testing
import TproxyTestSupport

/// The answer for all packets of a pattern agrees with that for each packet.
@Suite struct PatternTests {
    private static let nowhere = LocalAddresses(loopback: .loopback, entries: [])

    /// Checks that every packet is in exactly one region, with the region's rule and outcome.
    private static func check(
        _ ruleset: Ruleset, _ packets: [Packet], seed: UInt64
    ) throws {
        try check(RuleTrace(ruleset), packets, seed: seed)
    }

    private static func check(_ trace: RuleTrace, _ packets: [Packet], seed: UInt64) throws {
        let found = try trace.disagreementsOfRegions(on: nowhere, with: packets)
        #expect(found == [], "seed \(seed)")
    }

    /// One of several interfaces that a pattern matches has rules of its own.
    @Test func anInterfaceWithRulesOfItsOwnIsDistinguished() throws {
        let rule = { (interface: String, port: Port) throws -> Rule in
            Rule(
                [.transport(.tcp), .inputInterface(try #require(InterfacePattern(interface)))],
                then: .redirect(port), because: Rationale(interface, key: "none"))
        }
        let ruleset = Ruleset(
            instance: .mesh, families: [.ipv4],
            baseChains: [
                BaseChain(
                    .nat, .prerouting,
                    first: [try rule("docker0", .web), try rule("dock+", .dns)])
            ])
        let packets = try ["docker0", "docker1", "dock", "eth0"].map {
            try Packet.in(.tcp, to: "10.0.0.1", 80, on: $0)
        }
        try Self.check(ruleset, packets, seed: 0)
        let answer = try RuleTrace(ruleset).answer(PacketPattern(), on: Self.nowhere)
        let wide = try #require(answer.parts.first { $0.decisive?.rationale.reason == "dock+" })
        let interface = try #require(wide.regions.first?.interface)
        #expect(interface.listed.map(\.description) == ["dock+"])
        #expect(interface.except.map(\.description) == ["docker0"])
    }

    @Test func agreesWithEachPacketOfRandomRulesets() throws {
        let random = SeededGenerator.forTest()
        var maker = RandomRuleset(random)
        for _ in 0..<100 {
            let ruleset = maker.ruleset()
            try Self.check(ruleset, (0..<60).map { _ in maker.packet() }, seed: random.seed)
        }
    }

    /// Includes foreign rules: both evaluators handle all of them and agree.
    @Test func agreesWithEachPacketOfRandomHosts() throws {
        let random = SeededGenerator.forTest()
        var maker = RandomRuleset(random)
        for _ in 0..<100 {
            let trace = RuleTrace(maker.hookRules())
            try Self.check(trace, (0..<60).map { _ in maker.packet() }, seed: random.seed)
        }
    }

    @Test(arguments: Scenario.all)
    func agreesWithEachPacketOfEveryScenario(scenario: Scenario) throws {
        var packets: [Packet] = []
        for (address, far) in [("192.168.3.4", "203.0.113.9"), ("fd00:7::4", "2001:db8::9")] {
            for port: UInt32 in [22, 25, 53, 80, 443, 8005, 9005] {
                for user: UInt32? in [nil, 0, 1700, 1750, 5678, 1_000_680_000] {
                    for target in [address, far] {
                        packets.append(try .out(.tcp, to: target, port, uid: user))
                        packets.append(try .out(.udp, to: target, port, uid: user))
                    }
                }
                packets.append(try .in(.tcp, to: address, port, on: "docker0"))
                packets.append(try .in(.udp, to: far, port, on: "eth0"))
            }
        }
        try Self.check(scenario.compile().ruleset, packets, seed: 0)
    }

    /// A list of any length is one match with two atoms.
    @Test func aListOf100000AddressesTakesLittleLonger() throws {
        let list = (0..<100_000).map { "\"10.\($0 / 65_536).\($0 / 256 % 256).\($0 % 256)/32\"" }
            .enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        let far = (0..<50_000).map { "\"172.16.\($0 / 256).\($0 % 256)\"" }
        let yaml =
            "redirect: {outbound: {excludePortsForIPs: [\((list + far).joined(separator: ", "))]}}"
        let ruleset = try Configuration.compile(yaml).ruleset
        let trace = RuleTrace(ruleset)
        var pattern = PacketPattern()
        pattern.direction = .outgoing
        pattern.destinationPort = .web
        let answer = try trace.answer(pattern, on: Self.nowhere)
        // An atom for each member would be beyond what is allowed, or end in as many regions.
        #expect(answer.parts.flatMap(\.regions).count < 50)
        let excluded = try #require(
            answer.parts.first { $0.decisive?.rationale.reason == "excluded destination" })
        let listed = try #require(excluded.regions.first?.destination)
        #expect(!listed.isNegated)
        #expect(listed.listed.count > 50_000)
        #expect(listed.listed.allSatisfy { $0.family == .ipv4 })
    }

    @Test func aPatternMayBeNarrow() throws {
        let trace = RuleTrace(try Configuration.compile("").ruleset)
        var pattern = PacketPattern()
        pattern.direction = .outgoing
        pattern.transport = .tcp
        pattern.owner = .user(.kumaDefault)
        pattern.destination = IPPrefix("203.0.113.0/24")
        pattern.destinationPort = .service
        let answer = try trace.answer(pattern, on: Self.nowhere)
        #expect(answer.parts.map(\.outcome) == [.bypassed])
        #expect(answer.parts.first?.decisive?.rationale.reason == "proxy's own traffic")
        #expect(answer.parts.first?.regions.first?.owner == nil)
    }

    /// Packets to the host's addresses leave through loopback only.
    @Test func ownAddressesAreOnLoopback() throws {
        let own = try #require(IPAddress("10.0.0.5"))
        let trace = RuleTrace(try Configuration.compile("").ruleset)
        let addresses = LocalAddresses(
            loopback: .loopback, entries: [.init(interface: .ethernet, address: own)])
        var pattern = PacketPattern()
        pattern.direction = .outgoing
        pattern.transport = .tcp
        pattern.owner = .user(.root)
        pattern.destination = IPPrefix(own)
        let parts = try trace.answer(pattern, on: addresses).parts
        #expect(Set(parts.map(\.outcome)) == [.bypassed])
        #expect(Set(parts.map(\.witness.interface)) == [.loopback])
        let unknown = LocalAddresses(loopback: .loopback, entries: nil)
        let possible = try trace.answer(pattern, on: unknown).parts
        #expect(Set(possible.map(\.outcome)) == [.bypassed, .redirected(to: .outboundDefault)])
    }
}
