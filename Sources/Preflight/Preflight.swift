package import RuleIR
import RuleTrace

/// Compares a plan with a survey of the host.
///
/// The comparison is pure and total. A host without conflicts has no findings.
package struct Preflight: Sendable {
    let plan: PreflightPlan
    let survey: PreflightSurvey
    let trace: RuleTrace

    package init(_ plan: PreflightPlan, on survey: PreflightSurvey) {
        self.plan = plan
        self.survey = survey
        trace = RuleTrace(plan.ruleset)
    }

    /// All findings, by subject: chains, listeners, traffic, the proxy's user.
    package var findings: [Finding] {
        natOrder + mixture + neighbours + firewalld + firewalls + listeners + ssh + containers
            + virtualNetworks + resolver + docker + ipv6 + proxyUser + openConnections
            + breakingConnections + forwardedConnections + openDNSFlows
    }

    /// Returns all base chains at a hook, including ours, in the order in which they run.
    ///
    /// `isOurs` marks the planned ones. At equal priority they come first, because the chain that
    /// is registered last runs first.
    package func order(
        on hook: Hook
    ) -> [(priority: Int, type: String, name: String, isOurs: Bool)] {
        let others = survey.chains.filter { $0.base?.hook.rawValue == hook.rawValue }
            .filter { plan.placement != .ownTable || !plan.isOurs($0) }
            .compactMap { chain in
                chain.base.map { ($0.priority, $0.type, chain.description, false) }
            }
        let ours = plan.priorities(on: hook).map {
            ($0, "nat", "the rules of instance \(plan.ruleset.instance)", true)
        }
        return (ours + others).enumerated().sorted {
            ($0.element.0, $0.offset) < ($1.element.0, $1.offset)
        }.map(\.element)
    }
}
