import Addressing
import HostFacts
import RuleIR
import TproxyConfig

/// The chains that redirect incoming connections to the proxy's inbound port.
struct InboundRules {
    let chain: Chain
    let redirectChain: Chain

    init(_ context: CompilationContext, sets: inout SetCollector) {
        let redirectName = context.inboundRedirectChain
        redirectChain = Chain(
            redirectName, .nat,
            [
                Rule(
                    [.transport(.tcp)], then: .redirect(context.inbound.port.value),
                    because: Rationale("to the proxy inbound", key: "redirect.inbound.port"))
            ])
        guard context.inbound.enabled.value else {
            chain = Chain(
                context.inboundChain, .nat,
                [
                    Rule(
                        [.transport(.tcp)], then: .return,
                        because: Rationale(
                            "inbound redirection is off", key: "redirect.inbound.enabled"))
                ])
            return
        }
        let sources = Self.excludedSources(context, sets: &sets)
        let ports = Self.ports(context, sets: &sets, redirect: redirectName)
        chain = Chain(context.inboundChain, .nat, sources + ports)
    }

    private static func excludedSources(_ context: CompilationContext, sets: inout SetCollector)
        -> [Rule]
    {
        let key = "redirect.inbound.excludePortsForIPs"
        return context.families.compactMap { family in
            sets.addresses(
                "inbound_excluded", context.inbound.excludePortsForIPs, of: family, key: key
            ).map { name in
                Rule(
                    [.source(.inSet(name, family))], then: .return,
                    because: Rationale("excluded source", key: key))
            }
        }
    }

    /// Returns the rules for ports; a non-empty include list replaces the exclude list.
    private static func ports(
        _ context: CompilationContext, sets: inout SetCollector, redirect: ChainName
    ) -> [Rule] {
        let includeKey = "redirect.inbound.includePorts"
        if let included = sets.ports(
            "inbound_included_ports", context.inbound.includePorts, key: includeKey)
        {
            return [
                Rule(
                    [.transport(.tcp), .destinationPort(.set(included))], then: .jump(redirect),
                    because: Rationale("included port", key: includeKey))
            ]
        }
        let excludeKey = "redirect.inbound.excludePorts"
        var rules: [Rule] = []
        if let excluded = sets.ports(
            "inbound_excluded_ports", context.inbound.excludePorts, key: excludeKey)
        {
            rules.append(
                Rule(
                    [.transport(.tcp), .destinationPort(.set(excluded))], then: .return,
                    because: Rationale("excluded port", key: excludeKey)))
        }
        rules.append(
            Rule(
                [.transport(.tcp)], then: .jump(redirect),
                because: Rationale("incoming TCP", key: "redirect.inbound.enabled")))
        return rules
    }
}
