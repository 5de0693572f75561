import Addressing
import Rehearsal
import RuleIR
import RuleTrace
import Testing
import TproxyTestSupport

/// The packets that two rulesets treat differently are found, and no other.
@Suite struct TrafficChangesTests {
    private static let nowhere = LocalAddresses(loopback: .loopback, entries: [])

    @Test func agreesWithEachPacketOfRandomRulesets() throws {
        let random = SeededGenerator.forTest()
        var maker = RandomRuleset(random)
        var changes = 0
        for _ in 0..<60 {
            let (before, after) = (RuleTrace(maker.ruleset()), RuleTrace(maker.ruleset()))
            let packets = (0..<60).map { _ in maker.packet() }
            let found = try before.disagreementsOfTraffic(
                to: after, on: Self.nowhere, with: packets)
            try #require(found == [], "seed \(random.seed)")
            changes += try before.trafficChanges(to: after, on: Self.nowhere).changes.count
        }
        #expect(changes > 60)
    }

    /// Both states other than new are followed, too: `dropInvalidPackets` concerns one of them.
    @Test func agreesWithPacketsInEveryState() throws {
        var random = SeededGenerator.forTest()
        let plain = RuleTrace(try Configuration.compile("").ruleset)
        let dropping = RuleTrace(try Configuration.compile("dropInvalidPackets: true").ruleset)
        var maker = RandomRuleset(random)
        let packets = (0..<500).map { _ in
            var packet = maker.packet()
            packet.connectionState = ConnectionState.allCases.randomElement(using: &random) ?? .new
            return packet
        }
        let found = try plain.disagreementsOfTraffic(to: dropping, on: Self.nowhere, with: packets)
        #expect(found == [])
        let traffic = try plain.trafficChanges(to: dropping, on: Self.nowhere)
        #expect(!traffic.changes.isEmpty)
        #expect(traffic.changes.allSatisfy { $0.pattern.states == [.invalid] })
    }

    @Test func proofsAgreeWithEachPacketOfRandomRulesets() throws {
        var random = SeededGenerator.forTest()
        var maker = RandomRuleset(random)
        for _ in 0..<40 {
            let trace = RuleTrace(maker.ruleset())
            let packets = (0..<60).map { _ in maker.packet() }
            let found = try trace.disagreementsOfProofs(
                on: Self.nowhere, with: packets, count: 20, &random)
            try #require(found == [], "seed \(random.seed)")
        }
    }

    @Test(arguments: Scenario.all)
    func equalRulesTreatNoPacketDifferently(scenario: Scenario) throws {
        let trace = RuleTrace(try scenario.compile().ruleset)
        let traffic = try trace.trafficChanges(to: trace, on: Self.nowhere)
        #expect(traffic == TrafficChanges(changes: [], doubts: []))
    }

    /// One line for one setting, for IPv4 and IPv6, without exceptions that concern other packets.
    @Test(arguments: [
        ("", "redirect: {inbound: {excludePorts: [22]}}", 1),
        // The proxy's connections to own addresses are no longer redirected inbound, either.
        ("", "redirect: {outbound: {excludePorts: [22, 3306]}}", 2),
        ("", "redirect: {outbound: {port: 16001}}", 1),
        ("", "redirect: {outbound: {enabled: false}}", 2),
        ("", "redirect: {outbound: {excludePortsForIPs: [10.0.0.0/8]}}", 1),
        ("", "redirect: {outbound: {excludePortsForUIDs: ['tcp:80:1000']}}", 1),
        ("", "comments: {disabled: true}", 0), ("", "log: {enabled: true}", 0),
    ])
    func oneSettingIsOneChangeForEachTreatment(former: String, new: String, count: Int) throws {
        let before = RuleTrace(try Configuration.compile(former).ruleset)
        let after = RuleTrace(try Configuration.compile(new).ruleset)
        let forward = try before.trafficChanges(to: after, on: Self.nowhere).changes
        let back = try after.trafficChanges(to: before, on: Self.nowhere).changes
        #expect(forward.count == count, "\(forward)")
        #expect(back.count == count, "\(back)")
    }

    @Test func aRuleOfUnknownEffectIsADoubt() throws {
        let trace = RuleTrace(try Configuration.compile("").ruleset)
        var rules = trace.rules
        rules.bases[rules.bases.count - 1].rules.insert(
            TracedRule(
                [.transport(.tcp)], isComplete: false, then: .accept,
                because: Rationale("", key: ""), place: "by hand", isInBase: true), at: 0)
        let traffic = try trace.trafficChanges(to: RuleTrace(rules), on: Self.nowhere)
        #expect(traffic.changes.isEmpty)
        #expect(traffic.doubts.map(\.place) == ["by hand"])
        let proof = try RuleTrace(rules).proof(
            that: .notDropped, of: PacketRegion(), on: Self.nowhere)
        guard case .unknown(let explanation) = proof else {
            Issue.record("\(proof)")
            return
        }
        #expect(explanation.doubts.map(\.place) == ["by hand"])
    }

    @Test func noPacketMeansNothingIsProved() throws {
        var pattern = PacketRegion()
        pattern.directions = [.incoming]
        pattern.interface = PacketRegion.Values(listed: [InterfacePattern(.loopback)])
        let trace = RuleTrace(try Configuration.compile("").ruleset)
        #expect(try trace.proof(that: .redirected, of: pattern, on: Self.nowhere) == .empty)
    }

    /// Each of these rules adds two regions, so that the work grows with the square of the rules.
    @Test func rulesThatNeedMoreWorkThanTheLimitAreGivenUp() throws {
        let rules = (1...150).map { number in
            Rule(
                [
                    .transport(.tcp), .destinationPort(.port(Port(number) ?? .web)),
                    .destination(
                        .of(IPPrefix(IPAddress(family: .ipv4, bits: 0x0A00_0000 + UInt128(number))))
                    ), .source(.of(IPPrefix(IPAddress(family: .ipv4, bits: UInt128(number))))),
                ], then: .redirect(Port(number + 20_000) ?? .web),
                because: Rationale("\(number)", key: "none"))
        }
        let ruleset = Ruleset(
            instance: .mesh, families: [.ipv4],
            baseChains: [BaseChain(.nat, .prerouting, first: rules)])
        let trace = RuleTrace(ruleset)
        let other = RuleTrace(try Configuration.compile("").ruleset)
        #expect(throws: RuleTrace.TooComplex.self) {
            try trace.trafficChanges(to: other, on: Self.nowhere, limit: 10_000)
        }
        #expect(try !trace.trafficChanges(to: other, on: Self.nowhere).changes.isEmpty)
    }
}
