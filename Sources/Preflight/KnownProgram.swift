package import RuleIR

/// A program with rules at our hooks that is recognized by the names of its chains.
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

    /// The chain of firewalld's iptables backend that rejects ::/96 and similar blocks.
    static let firewalldRejection = "RFC3964_IPv4"

    /// Whether the program redirects traffic to a proxy.
    var isMesh: Bool {
        switch self {
        case .istio, .linkerd, .consul: true
        case .docker, .kubeProxy, .firewalld, .kumactl, .tproxy: false
        }
    }

    /// Returns the program that owns the chain, according to the name of the chain or its table.
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
        // The ownership chain shows that Kuma's chain names in its table are ours.
        if name == "KUMA_MESH_TPROXY" { return .tproxy }
        if name.hasPrefix("KUMA_MESH_") { return .kumactl }
        return nil
    }
}

/// The table in which a program was recognized.
package struct ProgramSign: Hashable, Sendable, Codable {
    package var program: KnownProgram
    package var engine: LoadedChain.Engine
    package var family: LoadedChain.Family
    package var table: String

    package init(
        _ program: KnownProgram, engine: LoadedChain.Engine, family: LoadedChain.Family,
        table: String
    ) {
        self.program = program
        self.engine = engine
        self.family = family
        self.table = table
    }

    /// Whether `chain` is in the table.
    func isInTable(of chain: LoadedChain) -> Bool {
        engine == chain.engine && family == chain.family && table == chain.table
    }
}

extension ProgramSign: CustomStringConvertible {
    /// `table ip nat`, with `(iptables-legacy)` for a table of that flavour.
    package var description: String {
        let place = "table \(family.rawValue) \(table)"
        return engine == .legacy ? "\(place) (iptables-legacy)" : place
    }
}

/// Recognizes the chains of Kuma up to 2.1, whose names lack Kuma's prefix.
enum OldKuma {
    /// Whether the chain is the first of Kuma's four, with jumps as Kuma writes them.
    static func isFirst(_ chain: LoadedChain, among loaded: [LoadedChain]) -> Bool {
        guard chain.name == "MESH_INBOUND", chain.table == "nat", chain.family != .inet else {
            return false
        }
        func other(_ name: String) -> LoadedChain? {
            loaded.first {
                $0.name == name && $0.engine == chain.engine && $0.family == chain.family
                    && $0.table == chain.table
            }
        }
        guard let outbound = other("MESH_OUTBOUND"),
            other("MESH_INBOUND_REDIRECT")?.redirects == true,
            other("MESH_OUTBOUND_REDIRECT")?.redirects == true
        else { return false }
        return chain.jumps.contains("MESH_INBOUND_REDIRECT")
            || outbound.jumps.contains("MESH_OUTBOUND_REDIRECT")
    }
}
