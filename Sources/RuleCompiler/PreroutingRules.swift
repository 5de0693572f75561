import Addressing
import HostFacts
import RuleIR
import TproxyConfig

/// The nat rules on the prerouting hook.
///
/// As in Kuma, a family's rules run before other programs' rules if the family has virtual networks
/// or the jump is to be inserted, and after them otherwise.
struct PreroutingRules {
    let first: [Rule]
    let last: [Rule]

    init(_ context: CompilationContext, vnet: VirtualNetworkRules) {
        let isInserted = context.inbound.insertRedirectInsteadOfAppend.value
        let inFront = context.families.filter { isInserted || vnet.families.contains($0) }
        let behind = context.families.filter { !inFront.contains($0) }
        first = Self.rules(of: inFront, context, vnet.rules)
        last = Self.rules(of: behind, context, [])
    }

    private static func rules(
        of families: [AddressFamily], _ context: CompilationContext, _ vnet: [Rule]
    ) -> [Rule] {
        guard let one = families.first else { return [] }
        let ofThese: [Match] = families == context.families ? [] : [.family(one)]
        var rules: [Rule] = []
        if context.config.log.enabled.value, let level = LogLevel(context.config.log.level.value) {
            // Kuma has this rule after the rules that it inserts, where it sees hardly any packets.
            rules.append(
                Rule(
                    ofThese, then: .log(prefix: .prerouting, level: level),
                    because: Rationale("log incoming connections", key: "log.enabled")))
        }
        rules += vnet
        rules.append(
            Rule(
                ofThese + [.transport(.tcp)], then: .jump(context.inboundChain),
                because: Rationale("incoming TCP", key: "redirect.inbound.enabled")))
        return rules
    }
}
