import Addressing
import ConfigurationGenerator
import Foundation
import NftablesBackend
import Rehearsal
import RuleIR
import RuleTrace
import Testing
import TproxyTestSupport

/// Comparisons and proofs hold for packets of generated configurations.
///
/// `TPROXY_TRAFFIC_PAIRS` and `TPROXY_TRAFFIC_PACKETS` change how many are tried.
@Suite struct GeneratedTrafficTests {
    private static let pairs = number("PAIRS") ?? 16
    private static let packetsEach = number("PACKETS") ?? 300

    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment["TPROXY_TRAFFIC_\(name)"].flatMap { Int($0) }
    }

    @Test func changesAndProofsAgreeWithEachPacket() throws {
        var random = SeededGenerator.forTest()
        let seed = random.seed
        var (checked, changed, changes, proofs) = (0, 0, 0, 0)
        for _ in 0..<Self.pairs {
            let pair = try GeneratedPair(seed: random.next())
            let packets = pair.packets(Self.packetsEach)
            let (before, after) = (RuleTrace(pair.before.ruleset), RuleTrace(pair.after.ruleset))
            let found = try before.disagreementsOfTraffic(
                to: after, on: pair.before.localAddresses, with: packets)
            try #require(found.prefix(3) == [], "TPROXY_TEST_SEED=\(seed)\n\(pair)")
            let count = 20
            let unproved = try after.disagreementsOfProofs(
                on: pair.before.localAddresses, with: packets, count: count, &random)
            try #require(unproved.prefix(3) == [], "TPROXY_TEST_SEED=\(seed)\n\(pair)")
            let traffic = try before.trafficChanges(to: after, on: pair.before.localAddresses)
            checked += packets.count
            proofs += count
            changes += traffic.changes.count
            changed += packets.count { before.explain($0).outcome != after.explain($0).outcome }
        }
        print(
            "traffic: \(Self.pairs) pairs, \(checked) packets, \(changed) with another outcome,",
            "\(changes) changes, \(proofs) proofs, 0 disagreements, seed \(seed)")
        // Pairs without differences would prove nothing.
        #expect(changed > checked / 50)
    }

    /// A rule that is missing, or has another effect, is reported whenever a packet notices it.
    @Test func everyPlantedDifferenceIsReported() throws {
        var random = SeededGenerator.forTest()
        let seed = random.seed
        var planted = 0
        GeneratedPlans.each(12) { plan, planSeed in
            let packets = plan.paths(200, seed: planSeed).map(\.packet)
            let before = RuleTrace(plan.ruleset)
            for _ in 0..<8 {
                let after = before.withPlantedDifference(&random)
                let noticing = packets.filter {
                    before.explain($0).treatment != after.explain($0).treatment
                }
                guard !noticing.isEmpty else { continue }
                planted += 1
                let traffic = try before.trafficChanges(to: after, on: plan.localAddresses)
                try Broken.unlessEqual(
                    noticing.flatMap {
                        traffic.disagreements(on: $0, before.explain($0), after.explain($0))
                    }, [], "TPROXY_TEST_SEED=\(seed)")
            }
        }
        #expect(planted > 20)
    }

    /// nft's table and the ruleset that it was lowered from differ in form alone.
    @Test func loweredRulesTreatNoPacketDifferently() throws {
        GeneratedPlans.each(12) { plan, _ in
            let table = try NftablesEmitter(version: "test").emit(plan.ruleset)
            let listed = ListedHookRules(
                [.init(try NftListing.read(table.json), zonesEnd: true)], loopback: .loopback)
            let traffic = try RuleTrace(plan.ruleset).trafficChanges(
                to: RuleTrace(listed.rules), on: plan.localAddresses)
            try Broken.unlessEqual(traffic.changes, [], "changes")
        }
    }
}

extension RuleTrace {
    /// Returns the rules without one of them, or with another effect of one.
    fileprivate func withPlantedDifference(_ random: inout SeededGenerator) -> RuleTrace {
        var rules = rules
        func plant(_ list: inout [TracedRule]) {
            guard let index = list.indices.randomElement(using: &random) else { return }
            switch Int.random(in: 0..<3, using: &random) {
            case 0: list.remove(at: index)
            case 1: list[index].action = .redirect(.syslog)
            case _: list[index].action = .return
            }
        }
        let chain = rules.chains.keys.sorted().randomElement(using: &random)
        if let chain, Bool.random(using: &random) {
            plant(&rules.chains[chain, default: []])
        } else if let base = rules.bases.indices.randomElement(using: &random) {
            plant(&rules.bases[base].rules)
        }
        return RuleTrace(rules)
    }
}

/// Two configurations for one host: independent ones, or one with an entry of the other.
struct GeneratedPair: CustomStringConvertible {
    let before: GeneratedPlan
    let after: GeneratedPlan
    private let seed: UInt64

    init(seed: UInt64) throws {
        self.seed = seed
        var random = SeededGenerator(seed: seed)
        let first = ConfigurationGenerator.configuration(seed: random.next())
        var second = ConfigurationGenerator.configuration(seed: random.next())
        second.facts = first.facts
        if Bool.random(using: &random) {
            var changed = first
            if let other = second.entries.randomElement(using: &random) {
                changed.entries.removeAll { $0.path == other.path }
                changed.entries.append(other)
            } else if !changed.entries.isEmpty {
                changed.entries.remove(
                    at: Int.random(in: 0..<changed.entries.count, using: &random))
            }
            second = changed
        }
        before = try GeneratedPlan(first)
        after = try GeneratedPlan(second)
    }

    /// Packets at the edges of the rules of both, a quarter of them in other conntrack states.
    func packets(_ count: Int) -> [Packet] {
        var random = SeededGenerator(seed: seed)
        let half = count / 2
        let paths =
            before.paths(half, seed: random.next())
            + EdgePaths.paths(
                count - half, for: after.ruleset, before.setting, seed: random.next())
        return paths.map { path in
            var packet = path.packet
            if Int.random(in: 0..<4, using: &random) == 0 {
                packet.connectionState = .invalid
            } else if Int.random(in: 0..<8, using: &random) == 0 {
                packet.connectionState = .established
            }
            return packet
        }
    }

    var description: String {
        "pair \(seed)\n\(before.configuration.yaml)---\n\(after.configuration.yaml)"
    }
}
