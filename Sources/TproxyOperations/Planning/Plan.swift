package import Addressing
package import Diagnostics
package import FirewalldExporter
package import HostFacts
package import IptablesRules
package import NftablesBackend
package import PacketFlow
import RuleCompiler
package import RuleIR
package import TproxyConfig

/// A configuration compiled for a host: what `apply` would load.
package struct Plan {
    package let config: TproxyConfig
    package let facts: HostFacts
    package let ruleset: Ruleset
    /// What was said of the configuration.
    package let warnings: [Diagnostic]
    /// How nf_tables is to get the rules; nil where the host decides.
    package var submission: Submission?

    /// Compiles; every configuration on every host gives a plan, perhaps with warnings.
    package init(_ config: TproxyConfig, on facts: HostFacts, instance: InstanceName) {
        self.config = config
        self.facts = facts
        let compilation = RuleCompiler(config, on: facts, instance: instance).compile()
        ruleset = compilation.ruleset
        warnings = compilation.warnings
    }

    /// A plan that was compiled before; nothing was said of it since.
    init(config: TproxyConfig, facts: HostFacts, ruleset: Ruleset) {
        self.config = config
        self.facts = facts
        self.ruleset = ruleset
        warnings = []
    }

    /// The user whose traffic is never captured.
    ///
    /// A number in the configuration outranks facts from a file, as in the rules.
    package var proxyUser: UserID {
        if case .id(let id) = config.kumaDPUser.value { id } else { facts.proxyUser }
    }

    // MARK: Backends

    /// What may load it, as the configuration says.
    package var backends: BackendSelection {
        BackendSelection(
            retry: retryPolicy, paths: config.iptablesExecutables.value, submission: submission)
    }

    /// How long to keep trying, as the configuration says.
    private var retryPolicy: RetryPolicy {
        RetryPolicy(
            maxRetries: config.retry.maxRetries.value,
            sleepBetweenRetries: config.retry.sleepBetweenRetries.value,
            wait: .seconds(config.wait.value),
            waitInterval: .microseconds(config.waitInterval.value))
    }

    /// What is asked for and can't be had, whatever the host is.
    package func refusals(for choice: BackendChoice) -> [Diagnostic] {
        var refusals: [Diagnostic] = []
        if config.ebpf.enabled.value {
            refusals.append(.noEBPF(at: config.ebpf.enabled.origin.location))
        }
        if config.storeFirewalld.value, !choice.placement.isShared {
            refusals.append(.firewalldNeedsIptables(choice.text, flavour: "iptables"))
        }
        return refusals
    }

    /// What the rules would be found under, and their digest.
    package func identity(
        for choice: BackendChoice
    ) throws(OperationFailure) -> (name: String, digest: String) {
        (
            choice.placement.location(of: ruleset.instance, by: choice.text),
            try backends.backend(choice.name).validDigest(of: ruleset)
        )
    }

    // MARK: Forms

    /// What the nftables backend would submit.
    package func nftables() throws(OperationFailure) -> NftablesEmitter.Output {
        try valid { () throws(RulesetProblem) in
            try NftablesEmitter(version: tproxyVersion).emit(ruleset)
        }
    }

    /// The document of libnftables-json(5) that `apply` would submit over what is loaded.
    ///
    /// Needs CAP_NET_ADMIN; changes nothing.
    package func changeDocument() throws(OperationFailure) -> String {
        do throws(BackendError) {
            return try NftablesBackend(version: tproxyVersion, retry: retryPolicy)
                .changeDocument(to: ruleset)
        } catch {
            throw OperationFailure(error.diagnostic(from: .nft))
        }
    }

    /// The documents for iptables-restore(8).
    package func iptables() throws(OperationFailure) -> IptablesEmitter.Output {
        try valid { () throws(RulesetProblem) in
            try IptablesEmitter(isVerbose: config.verbose.value).emit(ruleset)
        }
    }

    /// What firewalld would store; `owned` are the prerequisites that were made for the rules.
    package func firewalldEmission(
        owning owned: [HostPrerequisite] = []
    ) throws(OperationFailure) -> FirewalldExporter.Output {
        do {
            return try FirewalldExporter(version: tproxyVersion, ownedPrerequisites: owned)
                .emit(ruleset)
        } catch {
            throw OperationFailure(.inexpressible(error))
        }
    }

    /// The prerequisites, which firewalld can't store.
    package var notStored: [Diagnostic] {
        ruleset.prerequisites.map { .prerequisiteNotStored($0) }
    }

    /// The plan for pictures.
    package func flow(for choice: BackendChoice) throws(OperationFailure) -> PacketFlow {
        try valid { () throws(RulesetProblem) in
            try PacketFlow(ruleset, segmentOffset: choice.placement.segmentOffset)
        }
    }

    private func valid<Form>(
        _ form: () throws(RulesetProblem) -> Form
    ) throws(OperationFailure) -> Form {
        do throws(RulesetProblem) {
            return try form()
        } catch {
            throw OperationFailure(BackendError.invalidRuleset(error).diagnostic)
        }
    }
}
