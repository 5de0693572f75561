package import Diagnostics
import EBPFBackend
package import KubernetesConfig
package import LinuxHost
import NftablesBackend
package import RuleIR
package import TproxyConfig

/// The rules of a pod, for programs of the node that load them from outside.
///
/// They are loaded by the nft backend as netlink messages, or as eBPF programs: no program of the
/// host runs in the pod's namespace, no account is looked up, and nothing of the host is locked.
package struct PodRules {
    package let config: TproxyConfig
    /// Warnings about the configuration.
    package let notices: [Diagnostic]
    private let place: PodPlace

    /// Determines the configuration of a pod; `files` configure all pods, and later ones win.
    ///
    /// `place` tells where its eBPF programs are attached. Throws errors that name the pod and the
    /// annotation.
    package init(
        of pod: KubernetesPod, at place: PodPlace = PodPlace(), files: [String]
    ) throws(OperationFailure) {
        let documents = try RawDocument.all(of: files)
        let configuration = PodConfiguration.of(pod, files: documents)
        guard !configuration.hasErrors else { throw OperationFailure(configuration.diagnostics) }
        var config = configuration.config
        if config.ebpf.enabled.value { try Self.checkPrograms(config, pod, documents) }
        let dns = config.redirect.dns
        guard !dns.enabled.value || dns.captureAll.value else {
            throw OperationFailure(
                .resolversUnknown(pod, at: dns.captureAll.origin.location))
        }
        config.cniMode.value = true
        // The pod's own file doesn't exist yet, and with captureAll no rule depends on it.
        config.redirect.dns.resolvConfigPath.value = "/dev/null"
        self.config = config
        self.place = place
        notices = configuration.diagnostics
    }

    /// Throws if the pod names the programs: who may create pods mustn't choose what root loads.
    private static func checkPrograms(
        _ config: TproxyConfig, _ pod: KubernetesPod, _ files: [RawDocument]
    ) throws(OperationFailure) {
        let nothing = KubernetesPod(namespace: pod.namespace, name: pod.name, annotations: [])
        let path = config.ebpf.programsSourcePath
        let allowed = [
            TproxyConfig().ebpf.programsSourcePath.value,
            PodConfiguration.of(nothing, files: files).config.ebpf.programsSourcePath.value,
        ]
        guard !allowed.contains(path.value) else { return }
        throw OperationFailure(.programsOfPod(path.value, pod, at: path.origin.location))
    }

    /// Loads the rules into the network namespace of the calling thread.
    package func load() throws(OperationFailure) -> ApplyOutcome {
        let plan = try plan()
        let backend = backend(plan)
        do throws(BackendError) {
            return try backend.apply(plan.ruleset)
        } catch {
            throw OperationFailure(error.diagnostic(from: backend.name))
        }
    }

    /// Compares the rules with those of the calling thread's namespace, by what they mean.
    ///
    /// Returns lines that name the differences; none if the loaded rules do what they have to.
    package func differences() throws(OperationFailure) -> [String] {
        let plan = try plan()
        let backend = backend(plan)
        let comparison = try Comparison(
            plan.ruleset, digest: backend.validDigest(of: plan.ruleset), backend)
        guard let loaded = comparison.loaded else { return ["no rules are loaded"] }
        let lines = DifferenceLines(
            comparison.diff, tables: comparison.planned.tables + loaded.rules.tables,
            shownElements: .max
        ).lines.filter { !$0.isEmpty }
        guard lines.isEmpty, let installed = loaded.installed else { return lines }
        if let irregularity = installed.irregularity {
            return ["the table is \(irregularity.rawValue), so that its rules are not in force"]
        }
        // A table may differ in what has no meaning. The rules of programs are in maps.
        let isWhole = installed.isIntact || !config.ebpf.enabled.value
        return isWhole ? [] : ["programs are missing or changed"]
    }

    /// Removes the rules from the network namespace of the calling thread, if it has any.
    package static func remove() throws(OperationFailure) {
        let backends: [any Backend] = [nft(), EBPFBackend(version: tproxyVersion)]
        for backend in backends {
            do throws(BackendError) {
                _ = try backend.remove(.mesh)
            } catch {
                throw OperationFailure(error.diagnostic(from: backend.name))
            }
        }
    }

    /// Removes programs of pods that are gone, which do nothing and hold memory.
    package static func removeAbandoned() {
        EBPFBackend(version: tproxyVersion).removeAbandoned()
    }

    /// Throws if the kernel can't load rules at all.
    package static func checkKernel() throws(OperationFailure) {
        do throws(BackendError) {
            _ = try nft().installed(.mesh)
        } catch {
            throw OperationFailure(error.diagnostic(from: .nft))
        }
    }

    /// Throws if a file that configures all pods can't be read, or is invalid.
    package static func checkFiles(_ paths: [String]) throws(OperationFailure) {
        let nothing = KubernetesPod(namespace: "", name: "", annotations: [])
        _ = try PodRules(of: nothing, files: paths)
    }

    private func plan() throws(OperationFailure) -> Plan {
        Plan(config, on: try FactsReading(of: config).facts, instance: .mesh)
    }

    private func backend(_ plan: Plan) -> any Backend {
        config.ebpf.enabled.value ? ebpf(plan.retryPolicy) : Self.nft(plan.retryPolicy)
    }

    private static func nft(_ retry: RetryPolicy = RetryPolicy()) -> NftablesBackend {
        NftablesBackend(version: tproxyVersion, retry: retry, submission: .netlink)
    }

    private func ebpf(_ retry: RetryPolicy) -> EBPFBackend {
        // The variables are those of the node, not of the pod.
        var settings = EBPFSettings(config.ebpf, environment: [:])
        settings.pod = place
        return EBPFBackend(version: tproxyVersion, retry: retry, settings: settings)
    }
}

extension Diagnostic {
    static func resolversUnknown(
        _ pod: KubernetesPod, at location: SourceLocation?
    ) -> Diagnostic {
        .error(
            id: "resolvers-unknown",
            "the resolvers of \(pod.words) are unknown while its network is set up",
            at: location,
            help: "set redirect.dns.captureAll, which redirects DNS to every server, or turn"
                + " redirect.dns.enabled off")
    }

    fileprivate static func programsOfPod(
        _ path: String, _ pod: KubernetesPod, at location: SourceLocation?
    ) -> Diagnostic {
        .error(
            id: "programs-of-pod", "\(pod.words) has its eBPF programs in '\(path)'",
            at: location,
            notes: ["the plugin loads them as root of the node, whoever has created the pod"],
            help: "leave ebpf.programsSourcePath out, or set it in a file of configFiles")
    }
}
