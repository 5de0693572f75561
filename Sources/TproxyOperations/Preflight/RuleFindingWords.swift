import Addressing
import Preflight
import RuleIR

// Findings about the rules of others.
extension FindingWords {
    static func natChainBefore(_ chain: LoadedChain) -> Self {
        Self(
            seen: "\(placed(chain)) changes destinations before the rules see them",
            consequence: "what it redirects is not captured, whatever the configuration says",
            remedy: "take the chain out, or give it a priority of -98 or more")
    }

    static func natChainEqual(_ chain: LoadedChain) -> Self {
        Self(
            seen: "\(placed(chain)) changes destinations at the priority of the rules",
            consequence:
                "the one that was loaded last comes first, so a reload changes who captures",
            remedy: "take the chain out, or give it a priority of -98 or more")
    }

    static func natChainBetween(_ chain: LoadedChain) -> Self {
        Self(
            seen: "\(placed(chain)) changes destinations before the redirection",
            consequence: "what it redirects is not captured",
            remedy: "if it should be captured, set \(insertion(before: chain))")
    }

    static func dockerFirst(_ chain: LoadedChain) -> Self {
        Self(
            seen: "Docker's \(placed(chain)) comes before the redirection",
            consequence:
                "connections to ports that containers publish go to the containers uncaptured",
            remedy: "if they should be captured, set \(insertion(before: chain))")
    }

    static func kubeProxyFirst(_ chain: LoadedChain) -> Self {
        Self(
            seen: "kube-proxy's \(placed(chain)) comes before the redirection",
            consequence: "connections to addresses of Services go to pods uncaptured",
            remedy:
                "load the rules in a pod's network namespace, or set \(insertion(before: chain))"
        )
    }

    static func legacyAndNft(_ legacy: LoadedChain, _ nft: LoadedChain) -> Self {
        Self(
            seen: "iptables-legacy and iptables-nft both have rules in \(nft)",
            consequence: "no tool shows both, and the one that was loaded last comes first",
            remedy: "move them to one: iptables-legacy-save | iptables-nft-restore --noflush,"
                + " then iptables-legacy -t \(legacy.table) -F")
    }

    static func otherMesh(_ mesh: Tenant, _ sign: TenantSign) -> Self {
        Self(
            seen: "rules of \(mesh.displayName) are in \(sign)",
            consequence:
                "each of the two captures what the other lets go, its proxy's own traffic included",
            remedy: "take them out: two meshes can't share a network namespace")
    }

    static func kumactlRules(_ sign: TenantSign) -> Self {
        Self(
            seen: "kumactl's own rules are in \(sign)",
            consequence: "connections would be captured twice",
            remedy:
                "look with 'tproxy remove --kumactl --dry-run', then run it without --dry-run")
    }

    static func otherInstance(_ sign: TenantSign) -> Self {
        let name = sign.table.dropFirst("tproxy_".count)
        return Self(
            seen: "another installation is loaded: \(sign)",
            consequence:
                "its chains have the same priorities: what both capture goes to the proxy of the later",
            remedy: "run 'tproxy remove --instance \(name)', unless the two capture different ports"
        )
    }

    static func firewalldRejectsIPv6(_ chain: LoadedChain) -> Self {
        Self(
            seen: "firewalld rejects what is redirected to ::1, in \(chain)",
            consequence: "outgoing IPv6 connections fail: RFC3964_IPv4 rejects ::/96",
            remedy: "set RFC3964_IPv4=no in /etc/firewalld/firewalld.conf and reload firewalld")
    }

    static func firewalldBypassed(_ port: Port) -> Self {
        Self(
            seen: "firewalld lets in whatever is redirected to port \(port)",
            consequence: "ports that it keeps closed can be reached through the proxy",
            remedy: "name the ports that may be reached in redirect.inbound.includePorts")
    }

    /// `nat chain OUTPUT of table ip nat (output, priority -100)`.
    private static func placed(_ chain: LoadedChain) -> String {
        guard let base = chain.base else { return "\(chain)" }
        return "\(base.type) \(chain) (\(base.hook.rawValue), priority \(base.priority))"
    }

    /// The key that puts the redirection of the chain's hook before everybody's.
    private static func insertion(before chain: LoadedChain) -> String {
        let direction = chain.base?.hook == .prerouting ? "inbound" : "outbound"
        return "redirect.\(direction).insertRedirectInsteadOfAppend"
    }
}

extension Tenant {
    fileprivate var displayName: String {
        switch self {
        case .docker: "Docker"
        case .kubeProxy: "kube-proxy"
        case .firewalld: "firewalld"
        case .istio: "Istio"
        case .linkerd: "Linkerd"
        case .consul: "Consul"
        case .kumactl: "kumactl"
        case .tproxy: "tproxy"
        }
    }
}

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
