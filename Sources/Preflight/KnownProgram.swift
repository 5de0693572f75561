package import RuleIR

/// Others that put rules on our hooks and that can be told by the names of their chains.
package enum KnownProgram: String, Hashable, Sendable, Codable, CaseIterable {
    case docker
    case kubeProxy
    case firewalld
    case istio
    case linkerd
    case consul
    /// kumactl itself.
    case kumactl
    /// An installation of tproxy, through any backend.
    case tproxy

    /// The chain of firewalld's iptables backend that rejects ::/96 and its like.
    static let firewalldRejection = "RFC3964_IPv4"

    /// Whether it sends traffic through a proxy, as we do.
    var isMesh: Bool {
        switch self {
        case .istio, .linkerd, .consul: true
        case .docker, .kubeProxy, .firewalld, .kumactl, .tproxy: false
        }
    }

    /// Whose chain this is, if its name or its table's says so.
    static func owner(of chain: LoadedChain) -> KnownProgram? {
        let (name, table) = (chain.name, chain.table)
        if chain.family == .inet {
            if table.hasPrefix("tproxy_") { return .tproxy }
            if table == "firewalld" { return .firewalld }
            if table == "consul_tproxy" { return .consul }
            if table.hasPrefix("istio-") { return .istio }
        }
        if table == "kube-proxy" || name == "KUBE-SERVICES" { return .kubeProxy }
        if name == "DOCKER" || chain.isDockerDNS { return .docker }
        if name == firewalldRejection || name == "OUTPUT_direct" { return .firewalld }
        if name.hasPrefix("ISTIO_") { return .istio }
        if name.hasPrefix("PROXY_INIT_") { return .linkerd }
        if name.hasPrefix("CONSUL_PROXY_") { return .consul }
        // The ownership says that the chains of Kuma's names beside it are ours.
        if name == "KUMA_MESH_TPROXY" { return .tproxy }
        if name.hasPrefix("KUMA_MESH_") { return .kumactl }
        return nil
    }
}

/// Where a tenant was seen.
package struct TenantSign: Hashable, Sendable, Codable {
    package var tenant: KnownProgram
    package var engine: LoadedChain.Engine
    package var family: LoadedChain.Family
    package var table: String

    package init(
        _ tenant: KnownProgram, engine: LoadedChain.Engine, family: LoadedChain.Family,
        table: String
    ) {
        self.tenant = tenant
        self.engine = engine
        self.family = family
        self.table = table
    }

    /// Whether `chain` is in the table.
    func isBeside(_ chain: LoadedChain) -> Bool {
        engine == chain.engine && family == chain.family && table == chain.table
    }
}

extension TenantSign: CustomStringConvertible {
    /// `table ip nat`, with `iptables-legacy` for tables of that.
    package var description: String {
        let place = "table \(family.rawValue) \(table)"
        return engine == .legacy ? "\(place) (iptables-legacy)" : place
    }
}
