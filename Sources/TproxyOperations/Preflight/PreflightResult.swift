import Addressing
package import Diagnostics
import HostFacts
import HostSurvey
package import Preflight
package import RuleIR
import TproxyConfig

/// A plan compared with this host.
package struct PreflightResult {
    package let survey: PreflightSurvey
    package let findings: [Finding]
    package let preflight: Preflight

    /// Reads the host; changes nothing.
    package init(_ plan: Plan, _ backend: BackendName) {
        let input = PreflightPlan(plan, backend)
        survey = SurveyReader(
            proxyUser: input.proxyUser, loopback: plan.facts.loopback,
            paths: plan.backends.paths, readsDNSFlows: input.dnsPort != nil,
            resolvConfigPath: plan.config.redirect.dns.resolvConfigPath.value
        ).read()
        preflight = Preflight(input, on: survey)
        findings = preflight.findings
    }

    package var diagnostics: [Diagnostic] { findings.map(\.diagnostic) + doubts }

    /// What could not be looked at.
    package var doubts: [Diagnostic] {
        survey.unseen.isEmpty ? [] : [.notLookedAt(survey.unseen)]
    }
}

/// Whether the host is looked at before rules are loaded, and what comes of it.
package struct PreflightPolicy {
    private let isLeftOut: Bool
    private let isStrict: Bool

    /// `isStrict` refuses what the preflight warns of.
    package init(isLeftOut: Bool, isStrict: Bool) {
        self.isLeftOut = isLeftOut
        self.isStrict = isStrict
    }

    /// Tells what is in the way of the plan on this host; throws if that is to stop it.
    package func check(
        _ plan: Plan, _ backend: BackendName, tell: ([Diagnostic]) -> Void
    ) throws(OperationFailure) {
        guard !isLeftOut else { return }
        let result = PreflightResult(plan, backend)
        tell(result.diagnostics)
        let warnings = result.findings.count { $0.kind.severity == .warning }
        guard !isStrict || warnings == 0 else {
            throw OperationFailure(.preflightRefused(warnings))
        }
    }
}

extension PreflightPlan {
    /// What the preflight needs of a plan.
    fileprivate init(_ plan: Plan, _ backend: BackendName) {
        let redirect = plan.config.redirect
        let targets = Set(
            plan.ruleset.locatedRules.compactMap { located -> Port? in
                if case .redirect(let port) = located.rule.action { port } else { nil }
            })
        /// The port, if rules redirect to it.
        func used(_ isEnabled: Bool, _ port: Port) -> Port? {
            isEnabled && targets.contains(port) ? port : nil
        }
        self.init(
            ruleset: plan.ruleset, placement: backend.placement, proxyUser: plan.proxyUser,
            inboundPort: used(redirect.inbound.enabled.value, redirect.inbound.port.value),
            outboundPort: used(redirect.outbound.enabled.value, redirect.outbound.port.value),
            dnsPort: used(redirect.dns.enabled.value, redirect.dns.port.value),
            resolvers: plan.facts.resolvers,
            virtualNetworks: redirect.vnet.networks.value.map {
                Network($0.value.interface, $0.value.network)
            })
    }
}
