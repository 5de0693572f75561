import Addressing
import RuleIR

// Whether this host can run eBPF programs, and which others are on their hooks.
extension Preflight {
    /// The findings for programs: no packet of theirs meets a chain or conntrack.
    var socketFindings: [Finding] {
        programs + otherProxies + listeners.filter { !$0.isAboutBoundAddress } + ssh + resolver
            + ipv6 + proxyUser + openSockets
    }

    private var programs: [Finding] {
        guard let survey = survey.programs else { return [] }
        var findings: [Finding] = []
        if survey.isOld { findings.append(.oldKernel(survey.kernel)) }
        findings += survey.features.filter { $0.problem != nil }.map { .missingFeature($0) }
        if !survey.hasLibrary { findings.append(.missingLibrary) }
        if let problem = survey.cgroup.problem {
            findings.append(.unusableCgroup(problem, remedy: survey.cgroup.remedy ?? ""))
        }
        if let problem = survey.bpffs.problem {
            findings.append(.unusableBPFFileSystem(problem, remedy: survey.bpffs.remedy ?? ""))
        }
        if !survey.missingCapabilities.isEmpty {
            findings.append(.missingCapabilities(survey.missingCapabilities))
        }
        if let mode = survey.lockdown { findings.append(.lockdown(mode)) }
        if !survey.users.isEmpty {
            findings.append(.userNamespace(plan.proxyUser, survey.outerUser(plan.proxyUser)))
        }
        let cilium = survey.programs.filter(\.isOfCilium)
        if !cilium.isEmpty { findings.append(.ciliumSockets(cilium)) }
        let others = survey.programs.filter { !$0.isOfCilium }
        if !others.isEmpty { findings.append(.foreignPrograms(others)) }
        return findings
    }

    /// Open connections keep their destination, whatever conntrack does.
    private var openSockets: [Finding] {
        openConnections.map { finding in
            guard case .openConnections(let count, let sessions) = finding else { return finding }
            return .openSockets(count, sessions: sessions)
        }
    }
}

extension Finding {
    /// An incoming connection reaches the listener whatever address it is bound to.
    fileprivate var isAboutBoundAddress: Bool {
        guard case .listenerAddress(let port, _, _) = self else { return false }
        return port.role == .inbound
    }
}
