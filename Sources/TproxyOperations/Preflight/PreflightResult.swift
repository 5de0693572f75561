import Addressing
package import Diagnostics
import EBPFBackend
import HostFacts
import HostSurvey
import LinuxHost
package import Preflight
package import RuleIR
import TproxyConfig

/// The findings for a plan on this host.
package struct PreflightResult {
    package let survey: PreflightSurvey
    /// The findings, warnings first.
    package let findings: [Finding]
    package let preflight: Preflight

    /// Reads the host; changes nothing.
    package init(_ plan: Plan, _ backend: BackendName) {
        let input = PreflightPlan(plan, backend)
        survey = SurveyReader(
            proxyUser: input.proxyUser, loopback: plan.facts.loopback,
            paths: plan.backends.paths, readsDNSFlows: input.dnsPort != nil,
            resolvConfigPath: plan.config.redirect.dns.resolvConfigPath.value,
            programs: backend.placement == .sockets
                ? ProgramReader(
                    EBPFSettings(plan.config.ebpf, environment: ProcessEnvironment.variables)) : nil
        ).read()
        preflight = Preflight(input, on: survey)
        let all = preflight.findings
        findings =
            all.filter { $0.kind.severity == .warning }
            + all.filter { $0.kind.severity != .warning }
    }

    package var diagnostics: [Diagnostic] { findings.map(\.diagnostic) + doubts }

    /// Diagnostics about subjects that couldn't be read.
    package var doubts: [Diagnostic] {
        survey.unseen.isEmpty ? [] : [.notLookedAt(survey.unseen)]
    }
}

/// Whether the preflight is run, and whether warnings, of any origin, refuse a plan.
package struct PreflightPolicy {
    private let isLeftOut: Bool
    /// Whether warnings refuse the plan.
    package let isStrict: Bool

    /// Creates a policy; `isStrict` makes warnings errors.
    package init(isLeftOut: Bool, isStrict: Bool) {
        self.isLeftOut = isLeftOut
        self.isStrict = isStrict
    }

    /// Reports the findings for a plan on this host; throws if warnings must stop it.
    ///
    /// `told` are the diagnostics that were reported besides the plan's own.
    package func check(
        _ plan: Plan, _ backend: BackendName, after told: [Diagnostic] = [],
        tell: ([Diagnostic]) -> Void
    ) throws(OperationFailure) {
        var reported = plan.warnings + told
        if !isLeftOut {
            let found = PreflightResult(plan, backend).diagnostics
            tell(found)
            reported += found
        }
        try refuseWarnings(among: reported)
    }

    /// Throws if one of these diagnostics, which were reported, must stop the plan.
    package func refuseWarnings(among reported: [Diagnostic]) throws(OperationFailure) {
        let count = reported.count { $0.severity == .warning }
        guard !isStrict || count == 0 else { throw OperationFailure(.warningsRefused(count)) }
    }
}

extension PreflightPlan {
    /// Extracts the properties of a plan that the preflight uses.
    fileprivate init(_ plan: Plan, _ backend: BackendName) {
        let redirect = plan.config.redirect
        let targets = Set(
            plan.ruleset.locatedRules.compactMap { located -> Port? in
                if case .redirect(let port) = located.rule.action { port } else { nil }
            })
        /// Returns the port if rules redirect to it.
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
