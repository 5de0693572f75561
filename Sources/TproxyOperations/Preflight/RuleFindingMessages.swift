import Addressing
import Preflight
import RuleIR

// Findings about foreign rules.
extension FindingMessages {
    static func natChainBefore(_ chain: LoadedChain) -> Self {
        Self(
            seen: "\(placed(chain)) translates destinations before all rules of tproxy",
            consequence: "packets that it translates bypass the proxy, whatever the configuration",
            remedy: "remove the chain, or give it a priority of -98 or more")
    }

    static func natChainEqual(_ chain: LoadedChain) -> Self {
        Self(
            seen: "\(placed(chain)) translates destinations at the priority of the rules",
            consequence:
                "the chain loaded last runs first, so a reload changes which one redirects",
            remedy: "remove the chain, or give it a priority of -98 or more")
    }

    static func natChainBetween(_ chain: LoadedChain) -> Self {
        Self(
            seen: "\(placed(chain)) translates destinations before the redirection",
            consequence: "packets that it translates bypass the proxy",
            remedy: "to redirect them, set \(insertion(before: chain))")
    }

    static func dockerFirst(_ chain: LoadedChain) -> Self {
        Self(
            seen: "Docker's \(placed(chain)) runs before the redirection",
            consequence:
                "connections to the published ports of containers bypass the proxy",
            remedy: "to redirect them, set \(insertion(before: chain))")
    }

    static func kubeProxyFirst(_ chain: LoadedChain) -> Self {
        Self(
            seen: "kube-proxy's \(placed(chain)) runs before the redirection",
            consequence: "connections to Service addresses bypass the proxy",
            remedy:
                "load the rules in a pod's network namespace, or set \(insertion(before: chain))"
        )
    }

    static func legacyAndNft(_ legacy: LoadedChain, _ nft: LoadedChain) -> Self {
        Self(
            seen: "iptables-legacy and iptables-nft both have rules in \(nft)",
            consequence: "no tool shows both, and the one loaded last runs first",
            remedy: "move them to one: iptables-legacy-save | iptables-nft-restore --noflush,"
                + " then iptables-legacy -t \(legacy.table) -F")
    }

    static func otherMesh(_ mesh: KnownProgram, _ sign: ProgramSign) -> Self {
        Self(
            seen: "rules of \(mesh.displayName) are in \(sign)",
            consequence:
                "each redirects what the other bypasses, including the other proxy's own traffic",
            remedy: "remove them: two meshes can't share a network namespace")
    }

    static func kumactlRules(_ sign: ProgramSign) -> Self {
        Self(
            seen: "kumactl's own rules are in \(sign)",
            consequence: "connections would be redirected twice",
            remedy:
                "run 'tproxy remove --kumactl --dry-run', then run it without --dry-run")
    }

    static func otherInstance(_ sign: ProgramSign) -> Self {
        let name = sign.table.dropFirst("tproxy_".count)
        return Self(
            seen: "another installation is loaded: \(sign)",
            consequence:
                "both have the same priorities: the instance loaded last redirects what both match",
            remedy:
                "run 'tproxy remove --instance \(name)', unless the two redirect different ports"
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
            seen: "firewalld accepts all traffic redirected to port \(port)",
            consequence: "ports that firewalld closes are reachable through the proxy",
            remedy: "list the reachable ports in redirect.inbound.includePorts")
    }

    /// Returns `nat chain OUTPUT of table ip nat (output, priority -100)`.
    private static func placed(_ chain: LoadedChain) -> String {
        guard let base = chain.base else { return "\(chain)" }
        return "\(base.type) \(chain) (\(base.hook.rawValue), priority \(base.priority))"
    }

    /// Returns the key that makes the redirect at the chain's hook precede foreign rules.
    private static func insertion(before chain: LoadedChain) -> String {
        let direction = chain.base?.hook == .prerouting ? "inbound" : "outbound"
        return "redirect.\(direction).insertRedirectInsteadOfAppend"
    }
}

extension KnownProgram {
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
extension FindingMessages {
    static func dockerFlavour(
        _ wanted: LoadedChain.Engine, _ found: LoadedChain.Engine?
    ) -> Self {
        let place =
            found.map { "in the tables of \($0.flavour)" } ?? "in the tables of neither flavour"
        let backend = found.map { "--backend \($0.flavour), or nft" } ?? "--backend nft"
        return Self(
            seen: "Docker's chain DOCKER_OUTPUT is \(place)",
            consequence: "rules of \(wanted.flavour) can't jump to it, and apply refuses them",
            remedy: "use \(backend)")
    }

    static func dockerResolverLoop(_ owner: UserID, redirectsAll: Bool) -> Self {
        let exclusion =
            "add 'udp:53:\(owner)' to redirect.outbound.excludePortsForUIDs,"
            + " which lets the DNS of every program of UID \(owner) bypass the proxy"
        return Self(
            seen: "Docker's resolver 127.0.0.11 runs as UID \(owner), whose queries are redirected",
            consequence:
                "a query that it forwards from this network namespace goes back to the proxy,"
                + " which asks it again: names outside of Docker time out",
            remedy: redirectsAll
                ? "leave redirect.dns.captureAll off; or \(exclusion)"
                : "name a file in redirect.dns.resolvConfigPath that lists only 127.0.0.11,"
                    + " such as the container's own; or \(exclusion)")
    }
}

extension LoadedChain.Engine {
    /// The flavour of iptables that fills the tables of the engine.
    fileprivate var flavour: String {
        switch self {
        case .nftables: "iptables-nft"
        case .legacy: "iptables-legacy"
        }
    }
}
