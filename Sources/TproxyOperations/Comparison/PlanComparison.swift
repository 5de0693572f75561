import Diagnostics
package import RuleIR
package import RuleTrace
package import RulesetDiff

/// The plans of two configurations for the same host; needs no privilege.
package struct PlanComparison {
    package let backend: BackendName
    /// The digest of the second plan's rules.
    package let digest: String
    package let former: ListedRules
    package let planned: ListedRules
    package let diff: RulesetDiff
    /// The packets that the plans treat differently; nil if they are too many to compare.
    package let traffic: TrafficChanges?

    /// Compares the rules that the backend of `choice` would load for each plan.
    package init(
        from former: Plan, to planned: Plan, _ choice: BackendChoice
    ) throws(OperationFailure) {
        let selection = planned.backends
        let backend = try selection.backend(selection.expectedName(of: choice))
        guard let lister = backend.lister else {
            throw OperationFailure(.cannotList(backend.name.text))
        }
        self.backend = backend.name
        digest = try backend.validDigest(of: planned.ruleset)
        do throws(RulesetProblem) {
            self.former = try lister.expectedRules(former.ruleset)
            self.planned = try lister.expectedRules(planned.ruleset)
        } catch {
            throw OperationFailure(BackendError.invalidRuleset(error).diagnostic)
        }
        diff = RulesetDiff(from: self.former, to: self.planned)
        traffic = planned.trafficChanges(since: former)
    }

    package var isSame: Bool { diff.isEmpty }
}
