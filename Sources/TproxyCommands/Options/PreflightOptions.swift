import ArgumentParser
import Diagnostics
import HostFacts
import HostSurvey
import Preflight
import RuleIR
import TproxyConfig

/// Whether the host is looked at before rules are loaded, and what comes of it.
struct PreflightOptions: ParsableArguments {
    @Flag(help: "Refuse, with exit code 1, if the preflight warns; its notes don't count.")
    var strict = false

    @Flag(help: "Don't look for what on this host could be in the way of the rules.")
    var noPreflight = false

    /// Prints what is in the way of the plan on this host; throws if that is to stop it.
    func check(_ plan: Plan, _ backend: BackendName) throws(CommandFailure) {
        guard !noPreflight else { return }
        let result = PreflightResult(plan, backend)
        Console.report(result.diagnostics)
        let warnings = result.findings.count { $0.kind.severity == .warning }
        guard !strict || warnings == 0 else { throw CommandFailure(.preflightRefused(warnings)) }
    }
}

/// A plan compared with this host.
struct PreflightResult {
    let plan: PreflightPlan
    let survey: PreflightSurvey
    let findings: [Finding]
    let preflight: Preflight

    /// Reads the host; changes nothing.
    init(_ plan: Plan, _ backend: BackendName) {
        self.plan = PreflightPlan(plan, backend)
        survey = SurveyReader(
            proxyUser: self.plan.proxyUser, loopback: plan.facts.loopback,
            paths: plan.backends.paths, readsDNSFlows: self.plan.dnsPort != nil,
            resolvConfigPath: plan.config.redirect.dns.resolvConfigPath.value
        ).read()
        preflight = Preflight(self.plan, on: survey)
        findings = preflight.findings
    }

    var diagnostics: [Diagnostic] { findings.map(\.diagnostic) + doubts }

    /// What could not be looked at.
    var doubts: [Diagnostic] {
        survey.unseen.isEmpty ? [] : [.notLookedAt(survey.unseen)]
    }
}
