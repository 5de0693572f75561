import Addressing
import HostFacts
import Preflight
import RuleIR
import TproxyConfig

extension PreflightPlan {
    /// What the preflight needs of a plan.
    init(_ plan: Plan, _ backend: BackendName) {
        let redirect = plan.config.redirect
        let targets = Set(
            plan.ruleset.locatedRules.compactMap { located -> Port? in
                if case .redirect(let port) = located.rule.action { port } else { nil }
            })
        /// The port, if rules redirect to it.
        func used(_ isEnabled: Bool, _ port: Port) -> Port? {
            isEnabled && targets.contains(port) ? port : nil
        }
        let placement: Placement =
            switch backend {
            case .nft: .ownTable
            case .iptablesNft: .iptables(.nftables)
            case .iptablesLegacy: .iptables(.legacy)
            }
        self.init(
            ruleset: plan.ruleset, placement: placement, proxyUser: plan.proxyUser,
            inboundPort: used(redirect.inbound.enabled.value, redirect.inbound.port.value),
            outboundPort: used(redirect.outbound.enabled.value, redirect.outbound.port.value),
            dnsPort: used(redirect.dns.enabled.value, redirect.dns.port.value),
            resolvers: plan.facts.resolvers,
            virtualNetworks: redirect.vnet.networks.value.map {
                Network($0.value.interface, $0.value.network)
            })
    }
}
