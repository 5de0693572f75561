import Addressing
import HostFacts
import RuleIR
import TproxyConfig

/// The nat rules on the prerouting hook.
///
/// As in Kuma, a family's rules go in front of everybody's if it has virtual networks or the jump is
/// to be inserted, and behind otherwise.
struct PreroutingRules {
    let first: [Rule]
    let last: [Rule]

    init(_ scope: Scope, vnet: VirtualNetworkRules) {
        let isInserted = scope.inbound.insertRedirectInsteadOfAppend.value
        let inFront = scope.families.filter { isInserted || vnet.families.contains($0) }
        let behind = scope.families.filter { !inFront.contains($0) }
        first = Self.rules(of: inFront, scope, vnet.rules)
        last = Self.rules(of: behind, scope, [])
    }

    private static func rules(
        of families: [AddressFamily], _ scope: Scope, _ vnet: [Rule]
    ) -> [Rule] {
        guard let one = families.first else { return [] }
        let ofThese: [Match] = families == scope.families ? [] : [.family(one)]
        var rules: [Rule] = []
        if scope.config.log.enabled.value, let level = LogLevel(scope.config.log.level.value) {
            // Kuma has this behind what it inserts, where hardly a packet comes by.
            rules.append(
                Rule(
                    ofThese, then: .log(prefix: .prerouting, level: level),
                    because: Rationale("log incoming connections", key: "log.enabled")))
        }
        rules += vnet
        rules.append(
            Rule(
                ofThese + [.transport(.tcp)], then: .jump(scope.inboundChain),
                because: Rationale("incoming TCP", key: "redirect.inbound.enabled")))
        return rules
    }
}
