package import Addressing
package import Diagnostics
package import EBPFBackend
package import FirewalldExporter
package import HostFacts
package import IptablesRules
import LinuxHost
package import NftablesBackend
package import Review
import RuleCompiler
package import RuleIR
package import TproxyConfig

/// A configuration compiled for a host: the rules that `apply` loads.
package struct Plan {
    package let config: TproxyConfig
    package let facts: HostFacts
    package let ruleset: Ruleset
    /// Warnings of the compiler, and those about its inputs that were added.
    package var warnings: [Diagnostic]
    /// The submission to nf_tables; nil lets the host decide.
    package var submission: Submission?

    /// Compiles a configuration; every configuration has a plan on every host, possibly with
    /// warnings.
    package init(_ config: TproxyConfig, on facts: HostFacts, instance: InstanceName) {
        self.config = config
        self.facts = facts
        let compilation = RuleCompiler(config, on: facts, instance: instance).compile()
        ruleset = compilation.ruleset
        warnings = compilation.warnings
    }

    /// Creates a plan that was compiled before, without warnings.
    init(config: TproxyConfig, facts: HostFacts, ruleset: Ruleset) {
        self.config = config
        self.facts = facts
        self.ruleset = ruleset
        warnings = []
    }

    /// The user whose traffic is never redirected.
    ///
    /// As in the rules, a UID in the configuration takes precedence over facts from a file.
    package var proxyUser: UserID {
        if case .id(let id) = config.kumaDPUser.value { id } else { facts.proxyUser }
    }

    // MARK: Backends

    /// The backends that may load the plan, as configured.
    package var backends: BackendSelection {
        BackendSelection(
            retry: retryPolicy, paths: config.iptablesExecutables.value, submission: submission,
            ebpf: EBPFSettings(config.ebpf, environment: ProcessEnvironment.variables))
    }

    /// The retry policy, as configured.
    var retryPolicy: RetryPolicy {
        RetryPolicy(
            maxRetries: config.retry.maxRetries.value,
            sleepBetweenRetries: config.retry.sleepBetweenRetries.value,
            wait: .seconds(config.wait.value),
            waitInterval: .microseconds(config.waitInterval.value))
    }

    /// Returns errors for requests that no host can satisfy.
    package func refusals(for choice: BackendChoice) -> [Diagnostic] {
        var refusals: [Diagnostic] = []
        if config.ebpf.enabled.value, choice != .backend(.ebpf) {
            refusals.append(
                .contradictsEBPF(choice.text, at: config.ebpf.enabled.origin.location))
        }
        if choice == .backend(.ebpf) {
            refusals += EBPFSettings.refusals(config.ebpf, ProcessEnvironment.variables)
        }
        if config.storeFirewalld.value, !choice.placement.isShared {
            refusals.append(.firewalldNeedsIptables(choice.text, flavour: "iptables"))
        }
        return refusals
    }

    /// Returns the name and the digest of the rules.
    package func identity(
        for choice: BackendChoice
    ) throws(OperationFailure) -> (name: String, digest: String) {
        (
            choice.placement.location(of: ruleset.instance, by: choice.text),
            try backends.backend(choice.name).validDigest(of: ruleset)
        )
    }

    // MARK: Output

    /// Returns the output of the nftables backend.
    package func nftables() throws(OperationFailure) -> NftablesEmitter.Output {
        try valid { () throws(RulesetProblem) in
            try NftablesEmitter(version: tproxyVersion).emit(ruleset)
        }
    }

    /// Returns the document (libnftables-json(5)) with which `apply` would change the loaded rules.
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

    /// Returns the eBPF programs, and the contents of their maps.
    package func programs() throws(OperationFailure) -> ProgramListing {
        let plan = try valid { () throws(RulesetProblem) in try EBPFEmitter().emit(ruleset) }
        let settings = EBPFSettings(config.ebpf, environment: ProcessEnvironment.variables)
        return ProgramListing(plan, settings, ruleset.instance)
    }

    /// Returns the documents for iptables-restore(8).
    package func iptables() throws(OperationFailure) -> IptablesEmitter.Output {
        try valid { () throws(RulesetProblem) in
            try IptablesEmitter(isVerbose: config.verbose.value).emit(ruleset)
        }
    }

    /// Returns the rules that firewalld would store.
    ///
    /// `owned` are the prerequisites that were made for the rules.
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

    /// Returns the packet flow of the plan, for diagrams.
    package func flow(for choice: BackendChoice) throws(OperationFailure) -> PacketFlow {
        // Refuses what the programs can't express.
        if choice.placement == .sockets { _ = try programs() }
        return try valid { () throws(RulesetProblem) in
            try PacketFlow(
                choice.placement.evaluated(of: ruleset),
                segmentOffset: choice.placement.segmentOffset)
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
