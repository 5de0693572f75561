import Addressing
import HostFacts
import RuleIR
import TproxyConfig

/// The rules for packets of this host that bypass every redirect, DNS included.
///
/// As in Kuma, excluded users and addresses bypass the redirects of TCP, UDP and DNS alike, while
/// excluded ports bypass the outbound redirect of TCP alone (`OutboundRules`). Users rely on this.
struct OutboundExclusions {
    let rules: [Rule]

    init(_ context: CompilationContext, sets: inout SetCollector) {
        var rules = DockerRules(context, sets: &sets).exclusions
        let flowsKey = "redirect.outbound.excludePortsForUIDs"
        if let flows = sets.ownedFlows(
            "outbound_excluded_owners", context.outbound.excludePortsForUIDs, key: flowsKey)
        {
            rules.append(
                Rule(
                    [.ownedFlow(flows)], then: .return,
                    because: Rationale("excluded owner and port", key: flowsKey)))
        }
        let addressesKey = "redirect.outbound.excludePortsForIPs"
        for family in context.families {
            if let addresses = sets.addresses(
                "outbound_excluded", context.outbound.excludePortsForIPs, of: family,
                key: addressesKey)
            {
                rules.append(
                    Rule(
                        [.destination(.inSet(addresses, family))], then: .return,
                        because: Rationale("excluded destination", key: addressesKey)))
            }
        }
        self.rules = rules
    }
}
