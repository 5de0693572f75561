import Diagnostics
import HostFacts
import NftablesBackend
package import RuleIR
package import RuleTrace
import RulesetDiff

/// The packets that are treated differently when a plan is loaded.
///
/// Nil stands for rules that divide packets into too many classes to compare them.
extension Plan {
    /// Compares with the rules of an earlier comparison.
    ///
    /// Reads the loaded rules again if the comparison omits elements.
    package func trafficChanges(
        since comparison: Comparison
    ) throws(OperationFailure) -> TrafficChanges? {
        let isDormant = comparison.installed?.irregularity == .dormant
        guard !isDormant, var loaded = comparison.loaded?.rules else {
            return trafficChangesFromNothing(by: comparison.backend.placement)
        }
        if comparison.diff.isEmpty { return TrafficChanges(changes: [], doubts: []) }
        if comparison.isShortened {
            loaded = try loadedRules(by: comparison.backend)?.rules ?? ListedRules([])
        }
        return trafficChanges(
            from: trace(ofLoaded: loaded, by: comparison.backend), by: comparison.backend.placement)
    }

    /// Compares with the rules that are loaded, or with none if they aren't known.
    ///
    /// `placement` is that of the planned rules.
    package func trafficChanges(
        from state: PlanState, by placement: RulePlacement
    ) throws(OperationFailure) -> TrafficChanges? {
        switch state {
        case .known(let comparison): try trafficChanges(since: comparison)
        case .unknown: trafficChangesFromNothing(by: placement)
        }
    }

    /// Compares with a host on which no rules are loaded.
    package func trafficChangesFromNothing(
        by placement: RulePlacement = .ownTable
    ) -> TrafficChanges? {
        trafficChanges(from: RuleTrace(HookRules(bases: [], chains: [:], sets: [])), by: placement)
    }

    /// Compares with another plan for the same host.
    package func trafficChanges(since former: Plan) -> TrafficChanges? {
        trafficChanges(from: RuleTrace(former.ruleset), by: .ownTable)
    }

    private func trafficChanges(
        from former: RuleTrace, by placement: RulePlacement
    ) -> TrafficChanges? {
        try? former.trafficChanges(
            to: RuleTrace(placement.evaluated(of: ruleset)),
            on: ExplainSubject(self).proxy.addresses)
    }

    /// Returns the loaded rules, every element included; nil if none are loaded.
    func loadedRules(by name: BackendName) throws(OperationFailure) -> LoadedRules? {
        let backend = try backends.backend(name)
        guard let lister = backend.lister else { throw OperationFailure(.cannotList(name.text)) }
        do throws(BackendError) {
            return try lister.readBack(ruleset.instance)
        } catch {
            throw OperationFailure(error.diagnostic(from: name))
        }
    }

    /// Returns rules as the kernel evaluates them.
    func trace(ofLoaded rules: ListedRules, by name: BackendName) -> RuleTrace {
        let part = ListedHookRules.Part(rules, zonesEnd: name == .nft)
        return RuleTrace(ListedHookRules([part], loopback: facts.loopback).rules)
    }
}
