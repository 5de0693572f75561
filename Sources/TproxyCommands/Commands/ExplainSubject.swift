import Addressing
import HostFacts
import RuleIR
import RuleTrace
import TproxyConfig
import TproxyOperations

/// The rules that `explain` is asked about, and the host that they are for.
struct ExplainSubject {
    var trace: RuleTrace
    var words: TraceWords
    var source: RuleSource
    var proxy: ProxySetting

    /// What the configuration comes to.
    init(_ plan: Plan) {
        trace = RuleTrace(plan.ruleset)
        words = TraceWords(trace.rules, config: plan.config)
        source = .plan
        var addresses = LocalAddresses(plan.facts)
        if let alias = plan.ruleset.loopbackAlias {
            addresses.entries?.append(
                .init(interface: alias.interface, address: alias.prefix.address))
        }
        proxy = ProxySetting(
            plan.config.redirect, user: plan.proxyUser, resolvers: plan.facts.resolvers, addresses)
    }

    /// The rules of files.
    ///
    /// They may be another host's: of this one nothing is read, and without facts of that one its
    /// addresses are unknown.
    init(files: [String], _ configuration: ConfigurationOptions, _ options: FactsOptions) throws {
        let config = try configuration.load()
        let facts = try options.facts.map { _ in try options.load(for: config) }
        let rulesets = try files.map { try RulesetFile(InputFile($0)) }
        Console.report(rulesets.flatMap(\.warnings))
        let found = FoundHookRules(
            rulesets.map { .init($0.rules, zonesEnd: $0.format == .nft) },
            loopback: facts?.loopback ?? .loopback)
        if found.hasTies { Console.report([.tiedChains()]) }
        trace = RuleTrace(found.rules)
        words = TraceWords(found.rules, config: nil)
        source = RuleSource(rulesets, found, words)
        proxy = ProxySetting(
            config.redirect, user: Self.proxyUser(config, facts), resolvers: facts?.resolvers ?? [],
            facts.map { LocalAddresses($0) }
                ?? LocalAddresses(loopback: .loopback, entries: nil))
    }

    private static func proxyUser(_ config: TproxyConfig, _ facts: HostFacts?) -> UserID {
        if case .id(let id) = config.kumaDPUser.value {
            id
        } else {
            facts?.proxyUser ?? .kumaDefault
        }
    }
}

extension ProxySetting {
    fileprivate init(
        _ redirect: TproxyConfig.Redirect, user: UserID, resolvers: [IPAddress],
        _ addresses: LocalAddresses
    ) {
        self.init(
            user: user, outboundPort: redirect.outbound.port.value,
            inboundPort: redirect.inbound.port.value, dnsPort: redirect.dns.port.value,
            resolvers: resolvers, addresses: addresses)
    }
}

extension LocalAddresses {
    fileprivate init(_ facts: HostFacts) {
        self.init(
            loopback: facts.loopback,
            entries: facts.addresses?.map { Entry(interface: $0.interface, address: $0.address) })
    }
}
