import Addressing
import ConfigurationGenerator
import NftablesBackend
import Rehearsal
import RuleTrace
import Testing
import TproxyTestSupport

/// Real packets that are treated differently by two rulesets are those that the comparison names.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct TrafficDifferenceTests {
    private static let pairs = 10
    private static let packetsEach = 100

    @Test func packetsThatLandElsewhereAreThoseOfTheChanges() throws {
        try PrivateNamespace.require()
        var random = SeededGenerator.forTest()
        let seed = random.seed
        let backend = NftablesBackend(version: "traffic", submission: .netlink)
        var (sent, moved) = (0, 0)
        for _ in 0..<Self.pairs {
            let first = try GeneratedPlan(ConfigurationGenerator.configuration(seed: random.next()))
            var configuration = ConfigurationGenerator.configuration(seed: random.next())
            configuration.facts = first.configuration.facts
            let second = try GeneratedPlan(configuration)
            let setting = second.setting
            let ports = [setting.outboundPort, setting.inboundPort, setting.dnsPort]
            let hasAddress = [first, second].allSatisfy { !$0.ruleset.prerequisites.isEmpty }
            // Packets to a port of the second proxy would land there without a redirect, and those
            // from ::6 exist only with rules that add the address.
            let paths = first.paths(Self.packetsEach + 40, seed: random.next())
                .filter { path in
                    !ports.contains(path.packet.destinationPort)
                        && (hasAddress || path.packet.source != .passthroughSource(.ipv6))
                }.prefix(Self.packetsEach)
            let (before, after) = try StandingRehearsal.run(networks: first.setting.networks) {
                rehearsal in
                _ = try backend.apply(first.ruleset)
                let before = try rehearsal.send(Array(paths), first.setting)
                _ = try backend.apply(second.ruleset)
                return (before, try rehearsal.send(Array(paths), setting))
            }
            try #require(before.count == after.count && before.count > Self.packetsEach / 3)
            let traffic = try RuleTrace(first.ruleset).trafficChanges(
                to: RuleTrace(second.ruleset), on: first.localAddresses)
            for (former, new) in zip(before, after) {
                let isDifferent = !former.landing.isSamePlace(as: new.landing)
                let change = traffic.changes.first { change in
                    change.pattern.contains(former.path.packet)
                        && Landing(change.before)?.isSamePlace(as: former.landing) == true
                }
                let landing = change.flatMap { Landing($0.after) } ?? former.landing
                #expect(
                    landing.isSamePlace(as: new.landing) && (change != nil) == isDifferent,
                    """
                    TPROXY_TEST_SEED=\(seed): \(former.path.packet) \(former.landing), \
                    then \(new.landing); the change is \(String(describing: change))
                    """)
                moved += isDifferent ? 1 : 0
            }
            sent += before.count
        }
        print("traffic: \(sent) real packets, \(moved) land elsewhere, seed \(seed)")
        #expect(moved > sent / 20)
    }
}

extension Landing {
    /// Where packets of a treatment land; nil for one that says nothing about that.
    fileprivate init?(_ treatment: Treatment) {
        switch treatment {
        case .notRedirected: self = .destination
        case .redirected(let port): self = .proxy(port)
        case .translated, .dropped: self = .nowhere("")
        case .zone: return nil
        }
    }
}
