import Addressing
import RuleIR

// Who else changes destinations on our hooks. The kernel decides NAT once for a connection: the first
// chain that does wins, and the later ones never see the packet.
extension Preflight {
    /// Foreign nat chains, by their place before, beside or between ours; those behind do no harm.
    var natOrder: [Finding] {
        foreignNatChains.compactMap { chain in
            guard let base = chain.base, let hook = Hook(rawValue: base.hook.rawValue),
                let last = plan.priorities(on: hook).last
            else { return nil }
            let tenants = survey.tenants.filter { $0.isBeside(chain) }.map(\.tenant)
            // These are told of by themselves.
            guard !tenants.contains(where: { $0.isMesh || $0 == .kumactl || $0 == .tproxy }) else {
                return nil
            }
            if plan.priorities(on: hook).contains(base.priority) { return .natChainEqual(chain) }
            guard base.priority < last else { return nil }
            if tenants.contains(.kubeProxy) { return .kubeProxyFirst(chain) }
            if tenants.contains(.docker) { return .dockerFirst(chain) }
            // What is at -101 or later comes behind what goes first, if anything does.
            return base.priority < Stage.nat.priority - 1
                ? .natChainBefore(chain) : .natChainBetween(chain)
        }
    }

    private var foreignNatChains: [LoadedChain] {
        survey.chains.filter { chain in
            chain.base?.type == "nat" && chain.redirects && !plan.isOurs(chain)
                && plan.ruleset.families.contains(where: chain.family.sees)
        }
    }

    /// Rules of iptables-legacy and of iptables-nft: no tool shows both.
    var mixture: [Finding] {
        let tables = survey.chains.filter { $0.family != .inet && $0.table == "nat" && $0.uses > 0 }
        guard let legacy = tables.first(where: { $0.engine == .legacy }) else { return [] }
        let nft = tables.first {
            $0.engine == .nftables && $0.family == legacy.family
                && $0.base?.hook == legacy.base?.hook
        }
        return nft.map { [.legacyAndNft(legacy: legacy, nft: $0)] } ?? []
    }

    /// Others that send traffic through a proxy.
    var neighbours: [Finding] {
        var seen: Set<KnownProgram> = []
        return survey.tenants.compactMap { sign in
            switch sign.tenant {
            case .istio, .linkerd, .consul:
                return seen.insert(sign.tenant).inserted ? .otherMesh(sign.tenant, sign) : nil
            case .kumactl:
                return seen.insert(.kumactl).inserted ? .kumactlRules(sign) : nil
            case .tproxy:
                // Through another backend it may be this instance; 'apply' sees to that.
                let isOther = sign.family == .inet && sign.table != plan.tableName
                return isOther ? .otherInstance(sign) : nil
            case .docker, .kubeProxy, .firewalld: return nil
            }
        }
    }

    var firewalld: [Finding] {
        guard survey.tenants.contains(where: { $0.tenant == .firewalld }) else { return [] }
        var findings: [Finding] = []
        let rejecting = survey.chains.first { chain in
            chain.rejects && chain.base?.hook == .output && chain.family.sees(.ipv6)
                && survey.tenants.contains { $0.tenant == .firewalld && $0.isBeside(chain) }
        }
        if let rejecting, plan.outboundPort != nil, plan.ruleset.families.contains(.ipv6) {
            findings.append(.firewalldRejectsIPv6(rejecting))
        }
        if let inbound = plan.inboundPort, capturesEveryPort {
            findings.append(.firewalldBypassed(inbound))
        }
        return findings
    }

    /// Whether incoming connections to ports that nobody named are captured.
    private var capturesEveryPort: Bool {
        plan.ruleset.families.contains { family in
            [Port.web, .secureWeb, .service, .syslog].allSatisfy {
                isCapturedInbound(from: Self.somebody(family), to: $0)
            }
        }
    }
}
