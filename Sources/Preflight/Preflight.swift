package import Addressing
package import RuleIR
import RuleTrace

/// Compares a plan with a survey of the host.
///
/// The comparison is pure and total. A host without conflicts has no findings.
package struct Preflight: Sendable {
    let plan: PreflightPlan
    let survey: PreflightSurvey
    let trace: RuleTrace

    package init(_ plan: PreflightPlan, on survey: PreflightSurvey) {
        self.plan = plan
        self.survey = survey
        trace = RuleTrace(plan.ruleset)
    }

    /// All findings, by subject: chains, listeners, traffic, the proxy's user.
    package var findings: [Finding] {
        if plan.placement == .sockets { return socketFindings }
        return natOrder + mixedFlavours + otherProxies + firewalld + firewalls + listeners + ssh
            + containers
            + virtualNetworks + resolver + docker + ipv6 + proxyUser + openConnections
            + breakingConnections + forwardedConnections + openDNSFlows
    }

    /// Returns all base chains at a hook, including ours, in the order in which they run.
    ///
    /// `isOurs` marks the planned ones. At equal priority they come first, because the chain that
    /// is registered last runs first.
    package func order(
        on hook: Hook
    ) -> [(priority: Int, type: String, name: String, isOurs: Bool)] {
        let others = survey.chains.filter { $0.base?.hook.rawValue == hook.rawValue }
            .filter { plan.placement != .ownTable || !plan.isOurs($0) }
            .compactMap { chain in
                chain.base.map { ($0.priority, $0.type, chain.description, false) }
            }
        let ours = plan.priorities(on: hook).map {
            ($0, "nat", "the rules of instance \(plan.ruleset.instance)", true)
        }
        return (ours + others).enumerated().sorted {
            ($0.element.0, $0.offset) < ($1.element.0, $1.offset)
        }.map(\.element)
    }
}

/// The properties of a plan that may conflict with a host.
package struct PreflightPlan: Sendable {
    package var ruleset: Ruleset
    /// The placement of the rules.
    package var placement: RulePlacement
    package var proxyUser: UserID
    /// The port to which incoming connections are redirected; nil if they aren't.
    package var inboundPort: Port?
    package var outboundPort: Port?
    package var dnsPort: Port?
    /// The servers in resolv.conf.
    package var resolvers: [IPAddress]
    /// The networks of containers whose packets are redirected on arrival.
    package var virtualNetworks: [Network]
    package var openConnections: OpenConnections

    package struct Network: Hashable, Sendable {
        package var interface: InterfacePattern
        package var network: IPPrefix

        package init(_ interface: InterfacePattern, _ network: IPPrefix) {
            self.interface = interface
            self.network = network
        }
    }

    package init(
        ruleset: Ruleset, placement: RulePlacement = .ownTable, proxyUser: UserID = .kumaDefault,
        inboundPort: Port? = .inboundDefault, outboundPort: Port? = .outboundDefault,
        dnsPort: Port? = nil, resolvers: [IPAddress] = [], virtualNetworks: [Network] = [],
        openConnections: OpenConnections = .keep
    ) {
        self.ruleset = ruleset
        self.placement = placement
        self.proxyUser = proxyUser
        self.inboundPort = inboundPort
        self.outboundPort = outboundPort
        self.dnsPort = dnsPort
        self.resolvers = resolvers
        self.virtualNetworks = virtualNetworks
        self.openConnections = openConnections
    }

    /// Returns the priorities of our nat chains at a hook, in order.
    package func priorities(on hook: Hook) -> [Int] {
        guard let base = ruleset.baseChain(.nat, hook) else { return [] }
        switch placement {
        // eBPF decides before every chain.
        case .sockets: return []
        case .iptables: return [Stage.nat.priority]
        case .ownTable:
            return (base.early.isEmpty ? [] : [Stage.nat.priority - 1])
                + (base.last.isEmpty ? [] : [Stage.nat.priority + 1])
        }
    }

    /// The name of our table in the nft backend.
    var tableName: String { "tproxy_\(ruleset.instance)" }

    /// Whether the chain is ours, or in a table that our rules share with other programs.
    func isOurs(_ chain: LoadedChain) -> Bool {
        switch placement {
        case .ownTable: chain.family == .inet && chain.table == tableName
        case .iptables(let engine):
            chain.engine == engine && chain.family != .inet && chain.table == "nat"
        case .sockets: false
        }
    }
}
