import ConfigurationGenerator
import Rehearsal
import RuleIR
import RuleTrace
import Testing
import TproxyTestSupport

@testable import IptablesRules
@testable import NftablesBackend

/// The order of keys and items does not matter.
@Suite struct OrderTests {
    private let nft = NftablesEmitter(version: "1")

    @Test func theOrderOfKeysChangesNothing() {
        GeneratedPlans.each(200) { plan, seed in
            var random = SeededGenerator(seed: seed)
            var other = plan.configuration
            other.entries.shuffle(using: &random)
            let shuffled = try GeneratedPlan(other).ruleset
            try Broken.unlessEqual(shuffled, plan.ruleset, "ruleset")
            try Broken.unlessEqual(nft.emit(shuffled), nft.emit(plan.ruleset), "nft")
        }
    }

    /// nftables' sets are merged and sorted; iptables' rules keep the user's order.
    @Test func theOrderOfItemsChangesNoOutcome() {
        GeneratedPlans.each(150) { plan, seed in
            var random = SeededGenerator(seed: seed)
            var other = plan.configuration
            for index in other.entries.indices {
                guard case .list(let items) = other.entries[index].value else { continue }
                other.entries[index].value = .list(items.shuffled(using: &random))
            }
            let shuffled = try GeneratedPlan(other).ruleset
            try Broken.unlessEqual(
                nft.emit(shuffled).digest, nft.emit(plan.ruleset).digest, "digest of the table")
            let (one, two) = (RuleTrace(plan.ruleset), RuleTrace(shuffled))
            for path in plan.paths(40, seed: seed) {
                let (first, second) = (one.explain(path.packet), two.explain(path.packet))
                try Broken.unlessEqual(first.outcome, second.outcome, "\(path.packet)")
                try Broken.unlessEqual(
                    first.conntrackZone, second.conntrackZone, "\(path.packet)")
            }
        }
    }
}
