import Addressing
import Preflight
import RuleIR

// Findings about Docker's DNS server in a container.
extension FindingWords {
    static func dockerFlavour(
        _ wanted: LoadedChain.Engine, _ found: LoadedChain.Engine?
    ) -> Self {
        let place = found.map { "in the tables of \($0.flavour)" } ?? "in the tables of no flavour"
        let backend = found.map { "--backend \($0.flavour), or nft" } ?? "--backend nft"
        return Self(
            seen: "Docker's chain DOCKER_OUTPUT is \(place)",
            consequence: "rules of \(wanted.flavour) can't jump to it, and apply refuses them",
            remedy: "use \(backend)")
    }

    static func dockerResolverLoop(_ owner: UserID, capturesAll: Bool) -> Self {
        let exclusion =
            "add 'udp:53:\(owner)' to redirect.outbound.excludePortsForUIDs,"
            + " which leaves the DNS of every program of user \(owner) uncaptured"
        return Self(
            seen: "Docker's resolver 127.0.0.11 runs as user \(owner), whose queries are captured",
            consequence:
                "a query that it forwards from this network namespace goes back to the proxy,"
                + " which asks it again: names outside of Docker time out",
            remedy: capturesAll
                ? "leave redirect.dns.captureAll off; or \(exclusion)"
                : "name a file in redirect.dns.resolvConfigPath that lists 127.0.0.11 alone,"
                    + " such as the container's own; or \(exclusion)")
    }
}

extension LoadedChain.Engine {
    /// The iptables that fills its tables.
    fileprivate var flavour: String {
        switch self {
        case .nftables: "iptables-nft"
        case .legacy: "iptables-legacy"
        }
    }
}
