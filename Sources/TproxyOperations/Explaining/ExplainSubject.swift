import Addressing
package import Diagnostics
package import HostFacts
import RuleIR
package import RuleTrace
package import TproxyConfig

/// The rules to explain, and the host that they are for.
package struct ExplainSubject {
    /// The source of the rules.
    package enum Origin {
        /// The plan of this configuration.
        case plan(TproxyConfig)
        case files([RulesetFile], ListedHookRules)
    }

    package let trace: RuleTrace
    package let proxy: ProxySetting
    package let origin: Origin
    /// Diagnostics about assumptions.
    package let notices: [Diagnostic]

    /// Creates the subject from a plan.
    package init(_ plan: Plan) {
        let placement = BackendChoice(nil, for: plan.config).placement
        trace = RuleTrace(placement.evaluated(of: plan.ruleset))
        origin = .plan(plan.config)
        var addresses = LocalAddresses(plan.facts)
        for added in plan.ruleset.prerequisites.loopbackAddresses {
            addresses.entries?.append(
                .init(interface: added.interface, address: added.prefix.address))
        }
        proxy = ProxySetting(
            plan.config.redirect, user: plan.proxyUser, resolvers: plan.facts.resolvers, addresses)
        notices = []
    }

    /// Creates the subject from files with rules.
    ///
    /// The files may be another host's, so nothing of this host is read. Without `facts` of that
    /// host, its addresses are unknown.
    package init(
        files paths: [String], _ config: TproxyConfig, _ facts: HostFacts?
    ) throws(OperationFailure) {
        var files: [RulesetFile] = []
        for path in paths { files.append(try RulesetFile(InputFile(path))) }
        ListedOnce.apply(to: &files)
        let found = ListedHookRules(
            // Each table has the meaning of its tool, wherever it stands.
            files.flatMap { file in
                file.rules.tables.map { table in
                    ListedHookRules.Part(
                        ListedRules([table]), zonesEnd: file.format == .nft && !table.isSaved)
                }
            },
            loopback: facts?.loopback ?? .loopback)
        notices =
            files.flatMap(\.warnings) + (found.hasTies ? [.tiedChains()] : [])
            + ListedOnce.hidden(in: files).map { .hiddenExtensions($0) }
        trace = RuleTrace(found.rules, on: facts.map { LocalAddresses($0) })
        origin = .files(files, found)
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
            entries: facts.addresses?.map {
                Entry(
                    interface: $0.interface, address: $0.address, prefixLength: $0.prefixLength)
            })
    }
}
