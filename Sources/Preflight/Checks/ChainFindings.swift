import Addressing
import RuleIR

// Foreign chains at our hooks that change destinations. The kernel decides NAT once for a
// connection, in the first chain that translates it; later chains never see the packet.
extension Preflight {
    /// Findings about foreign nat chains that run before ours, at equal priority or between them.
    ///
    /// Those that run after ours do no harm.
    var natOrder: [Finding] {
        foreignNatChains.compactMap { chain in
            guard let base = chain.base, let hook = Hook(rawValue: base.hook.rawValue),
                let last = plan.priorities(on: hook).last
            else { return nil }
            let knownPrograms = survey.knownPrograms.filter { $0.isInTable(of: chain) }.map(
                \.program)
            // Other findings cover these programs.
            guard !knownPrograms.contains(where: { $0.isMesh || $0 == .kumactl || $0 == .tproxy })
            else {
                return nil
            }
            if plan.priorities(on: hook).contains(base.priority) { return .natChainEqual(chain) }
            guard base.priority < last else { return nil }
            if knownPrograms.contains(.kubeProxy) { return .kubeProxyFirst(chain) }
            if knownPrograms.contains(.docker) { return .dockerFirst(chain) }
            // A chain at -101 or later runs after our inserted rules, if there are any.
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

    /// Findings about rules in both iptables-legacy and iptables-nft, which no single tool shows.
    var mixedFlavours: [Finding] {
        let tables = survey.chains.filter { $0.family != .inet && $0.table == "nat" && $0.uses > 0 }
        guard let legacy = tables.first(where: { $0.engine == .legacy }) else { return [] }
        let nft = tables.first {
            $0.engine == .nftables && $0.family == legacy.family
                && $0.base?.hook == legacy.base?.hook
        }
        return nft.map { [.legacyAndNft(legacy: legacy, nft: $0)] } ?? []
    }

    /// Findings about other programs that redirect traffic to a proxy.
    var otherProxies: [Finding] {
        var seen: Set<KnownProgram> = []
        return survey.knownPrograms.compactMap { sign in
            switch sign.program {
            case .istio, .linkerd, .consul:
                return seen.insert(sign.program).inserted ? .otherMesh(sign.program, sign) : nil
            case .kumactl:
                return seen.insert(.kumactl).inserted ? .kumactlRules(sign) : nil
            case .tproxy:
                // Loaded by another backend it may be this instance; 'apply' handles that.
                let isOther = sign.family == .inet && sign.table != plan.tableName
                return isOther ? .otherInstance(sign) : nil
            case .docker, .kubeProxy, .firewalld: return nil
            }
        }
    }

    var firewalld: [Finding] {
        guard survey.knownPrograms.contains(where: { $0.program == .firewalld }) else { return [] }
        var findings: [Finding] = []
        let rejecting = survey.chains.first { chain in
            chain.rejects && chain.base?.hook == .output && chain.family.sees(.ipv6)
                && survey.knownPrograms.contains {
                    $0.program == .firewalld && $0.isInTable(of: chain)
                }
        }
        if let rejecting, plan.outboundPort != nil, plan.ruleset.families.contains(.ipv6) {
            findings.append(.firewalldRejectsIPv6(rejecting))
        }
        if let inbound = plan.inboundPort, redirectsEveryPort {
            findings.append(.firewalldBypassed(inbound))
        }
        return findings
    }

    /// Whether incoming connections to ports that no key names are redirected.
    private var redirectsEveryPort: Bool {
        plan.ruleset.families.contains { family in
            [Port.web, .secureWeb, .service, .syslog].allSatisfy {
                isRedirectedInbound(from: Self.unusedAddress(family), to: $0)
            }
        }
    }
}
