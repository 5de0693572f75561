import Addressing
import HostFacts
import RuleIR
import TproxyConfig

/// The chains that send incoming connections to the proxy's inbound port.
struct InboundRules {
    let chain: Chain
    let redirectChain: Chain

    init(_ scope: Scope, sets: inout SetCollector) {
        let redirectName = scope.inboundRedirectChain
        redirectChain = Chain(
            redirectName,
            [
                Rule(
                    [.transport(.tcp)], then: .redirect(scope.inbound.port.value),
                    because: Rationale("to the proxy inbound", key: "redirect.inbound.port"))
            ])
        guard scope.inbound.enabled.value else {
            chain = Chain(
                scope.inboundChain,
                [
                    Rule(
                        [.transport(.tcp)], then: .return,
                        because: Rationale(
                            "inbound redirection is off", key: "redirect.inbound.enabled"))
                ])
            return
        }
        let sources = Self.excludedSources(scope, sets: &sets)
        let ports = Self.ports(scope, sets: &sets, redirect: redirectName)
        chain = Chain(scope.inboundChain, sources + ports)
    }

    private static func excludedSources(_ scope: Scope, sets: inout SetCollector) -> [Rule] {
        let key = "redirect.inbound.excludePortsForIPs"
        return scope.families.compactMap { family in
            sets.addresses(
                "inbound_excluded", scope.inbound.excludePortsForIPs, of: family, key: key
            ).map { name in
                Rule(
                    [.source(.inSet(name, family))], then: .return,
                    because: Rationale("excluded source", key: key))
            }
        }
    }

    /// A non-empty include list silences the exclude list of its direction.
    private static func ports(
        _ scope: Scope, sets: inout SetCollector, redirect: ChainName
    ) -> [Rule] {
        let includeKey = "redirect.inbound.includePorts"
        if let included = sets.ports(
            "inbound_included_ports", scope.inbound.includePorts, key: includeKey)
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
            "inbound_excluded_ports", scope.inbound.excludePorts, key: excludeKey)
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
