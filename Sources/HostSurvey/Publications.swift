import Addressing
import IptablesBackend
import NftablesBackend
import RuleIR

/// Ports of this host that foreign rules publish for containers.
enum Publications {
    /// Returns the ports of destination NAT in prerouting, if a chain there changes destinations.
    static func ports(_ chains: [LoadedChain], paths: [String: String]) -> [Port] {
        let redirecting = chains.filter {
            $0.base?.type == "nat" && $0.base?.hook == .prerouting
        }
        var ports: Set<Port> = []
        var seen: Set<String> = []
        for chain in redirecting where !(chain.table.hasPrefix("tproxy_")) {
            guard seen.insert("\(chain.engine) \(chain.family) \(chain.table)").inserted else {
                continue
            }
            ports.formUnion(read(chain, paths))
        }
        return ports.sorted()
    }

    private static func read(_ chain: LoadedChain, _ paths: [String: String]) -> [Port] {
        let flavour: IptablesFlavour = chain.engine == .legacy ? .legacy : .nft
        if chain.table == "nat", let family = chain.family.single,
            let ports = NATTable.publishedPorts(flavour, family, paths: paths)
        {
            return ports
        }
        guard chain.engine == .nftables,
            let listing = try? NftProgram.list(chain.family.rawValue, chain.table),
            let rules = try? NftListing.read(listing)
        else { return [] }
        return rules.publishedPorts
    }
}
