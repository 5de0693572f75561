package import Diagnostics
package import KubernetesConfig
import LinuxHost
import NftablesBackend
package import RuleIR
package import TproxyConfig

/// The rules of a pod, for programs of the node that load them from outside.
///
/// They are loaded by the nft backend as netlink messages: no program of the host runs in the pod's
/// namespace, no account is looked up, and nothing of the host is locked.
package struct PodRules {
    package let config: TproxyConfig
    /// Warnings about the configuration.
    package let notices: [Diagnostic]

    /// Determines the configuration of a pod; `files` configure all pods, and later ones win.
    ///
    /// Throws errors that name the pod and the annotation.
    package init(
        of pod: KubernetesPod, files: [String]
    ) throws(OperationFailure) {
        let configuration = PodConfiguration.of(pod, files: try RawDocument.all(of: files))
        guard !configuration.hasErrors else { throw OperationFailure(configuration.diagnostics) }
        var config = configuration.config
        if config.ebpf.enabled.value {
            throw OperationFailure(
                .noEBPF("the CNI plugin", at: config.ebpf.enabled.origin.location))
        }
        let dns = config.redirect.dns
        guard !dns.enabled.value || dns.captureAll.value else {
            throw OperationFailure(
                .resolversUnknown(pod, at: dns.captureAll.origin.location))
        }
        config.cniMode.value = true
        // The pod's own file doesn't exist yet, and with captureAll no rule depends on it.
        config.redirect.dns.resolvConfigPath.value = "/dev/null"
        self.config = config
        notices = configuration.diagnostics
    }

    /// Loads the rules into the network namespace of the calling thread.
    package func load() throws(OperationFailure) -> ApplyOutcome {
        let plan = try plan()
        do throws(BackendError) {
            return try Self.backend(plan.retryPolicy).apply(plan.ruleset)
        } catch {
            throw OperationFailure(error.diagnostic(from: .nft))
        }
    }

    /// Compares the rules with those of the calling thread's namespace, by what they mean.
    ///
    /// Returns lines that name the differences; none if the loaded rules do what they have to.
    package func differences() throws(OperationFailure) -> [String] {
        let plan = try plan()
        let backend = Self.backend(plan.retryPolicy)
        let comparison = try Comparison(
            plan.ruleset, digest: backend.validDigest(of: plan.ruleset), backend)
        guard let loaded = comparison.loaded else { return ["no rules are loaded"] }
        let lines = DifferenceLines(
            comparison.diff, tables: comparison.planned.tables + loaded.rules.tables,
            shownElements: .max
        ).lines.filter { !$0.isEmpty }
        guard lines.isEmpty, let irregularity = loaded.installed?.irregularity else { return lines }
        return ["the table is \(irregularity.rawValue), so that its rules are not in force"]
    }

    /// Removes the rules from the network namespace of the calling thread, if it has any.
    package static func remove() throws(OperationFailure) {
        do throws(BackendError) {
            _ = try backend().remove(.mesh)
        } catch {
            throw OperationFailure(error.diagnostic(from: .nft))
        }
    }

    /// Throws if the kernel can't load rules at all.
    package static func checkKernel() throws(OperationFailure) {
        do throws(BackendError) {
            _ = try backend().installed(.mesh)
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

    private static func backend(_ retry: RetryPolicy = RetryPolicy()) -> NftablesBackend {
        NftablesBackend(version: tproxyVersion, retry: retry, submission: .netlink)
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
}
