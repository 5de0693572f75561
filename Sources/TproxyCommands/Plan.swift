import Addressing
import Diagnostics
import FirewalldExporter
import HostFacts
import IptablesRules
import NftablesBackend
import RuleCompiler
import RuleIR
import TproxyConfig

/// A configuration compiled for a host: what `apply` would load.
struct Plan {
    let config: TproxyConfig
    let facts: HostFacts
    let ruleset: Ruleset
    /// What was said of the configuration.
    let warnings: [Diagnostic]
    /// How nf_tables is to get the rules; nil where the host decides.
    var submission: Submission?

    /// Reads everything, compiles, prints warnings; throws what is wrong.
    ///
    /// `interface` stands in for the host's loopback interface, where the rules are for another
    /// network namespace.
    init(
        _ configuration: ConfigurationOptions, _ facts: FactsOptions, _ instance: InstanceOptions,
        interface: InterfaceName? = nil
    ) throws {
        config = try configuration.load()
        var read = try facts.load(for: config)
        if let interface { read.loopback = interface }
        self.facts = read
        let compilation = RuleCompiler(config, on: self.facts, instance: instance.instance)
            .compile()
        ruleset = compilation.ruleset
        warnings = compilation.warnings
        Console.report(warnings)
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
    var proxyUser: UserID {
        if case .id(let id) = config.kumaDPUser.value { id } else { facts.proxyUser }
    }

    /// What is asked for and can't be had, whatever the host is.
    func refusals(for options: BackendOptions) -> [Diagnostic] {
        var refusals: [Diagnostic] = []
        if config.ebpf.enabled.value {
            refusals.append(.noEBPF(at: config.ebpf.enabled.origin.location))
        }
        if config.storeFirewalld.value, options.choice(for: config) == .nft {
            refusals.append(.firewalldNeedsIptables("nft", flavour: "iptables"))
        }
        return refusals
    }

    /// What firewalld would store; `ownedAlias` is the loopback address that goes with the rules.
    func firewalldEmission(
        ownedAlias: LoopbackAlias? = nil
    ) throws(CommandFailure) -> FirewalldExporter.Output {
        do {
            return try FirewalldExporter(version: tproxyVersion, ownedAlias: ownedAlias)
                .emit(ruleset)
        } catch {
            throw CommandFailure(.inexpressible(error))
        }
    }

    /// What the nftables backend would submit.
    func emission() throws -> NftablesEmitter.Output {
        do {
            return try NftablesEmitter(version: tproxyVersion).emit(ruleset)
        } catch {
            throw CommandFailure(BackendError.invalidRuleset(error).diagnostic)
        }
    }

    /// The plan for people.
    func text(for options: BackendOptions) throws -> PlanText {
        let (name, digest) = try identity(for: options)
        return PlanText(
            name: name, ruleset: ruleset, digest: digest,
            settings: EffectiveConfiguration(config).changedRows(itemLimit: 4).map {
                PlanText.ChangedSetting(
                    path: $0.path, value: $0.value, origin: $0.origin.description)
            },
            refusals: refusals(for: options).map(\.message))
    }

    /// The plan for programs.
    func report(for backend: BackendOptions) throws -> PlanReport {
        let origins = EffectiveConfiguration(config)
        return PlanReport(try text(for: backend), warnings: warnings) {
            origins.origin(of: $0)?.description ?? "default"
        }
    }

    /// What may load it, as the configuration says.
    var backends: BackendSelection {
        BackendSelection(
            retry: retryPolicy, paths: config.iptablesExecutables.value, submission: submission)
    }

    /// The documents for iptables-restore(8).
    func iptablesEmission() throws -> IptablesEmitter.Output {
        do {
            return try IptablesEmitter(isVerbose: config.verbose.value).emit(ruleset)
        } catch {
            throw CommandFailure(BackendError.invalidRuleset(error).diagnostic)
        }
    }

    /// How long to keep trying, as the configuration says.
    private var retryPolicy: RetryPolicy {
        RetryPolicy(
            maxRetries: config.retry.maxRetries.value,
            sleepBetweenRetries: config.retry.sleepBetweenRetries.value,
            wait: .seconds(config.wait.value),
            waitInterval: .microseconds(config.waitInterval.value))
    }
}
