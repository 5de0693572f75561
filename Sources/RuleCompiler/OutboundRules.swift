import Addressing
import HostFacts
import RuleIR
import TproxyConfig

/// The chains that redirect outgoing TCP connections to the proxy's outbound port.
struct OutboundRules {
    let chain: Chain
    let redirectChain: Chain

    init(_ context: CompilationContext, sets: inout SetCollector) {
        redirectChain = Chain(
            context.outboundRedirectChain, .nat,
            [
                Rule(
                    [.transport(.tcp)], then: .redirect(context.outbound.port.value),
                    because: Rationale("to the proxy outbound", key: "redirect.outbound.port"))
            ])
        guard context.outbound.enabled.value else {
            chain = Chain(
                context.outboundChain, .nat,
                [
                    Rule(
                        [.transport(.tcp)], then: .return,
                        because: Rationale(
                            "outbound redirection is off", key: "redirect.outbound.enabled"))
                ])
            return
        }
        let excluded = Self.excludedPorts(context, sets: &sets)
        let loopback = Self.loopback(context, sets: &sets)
        let redirected = Self.redirected(context, sets: &sets)
        chain = Chain(context.outboundChain, .nat, excluded + loopback + redirected)
    }

    private static func excludedPorts(_ context: CompilationContext, sets: inout SetCollector)
        -> [Rule]
    {
        guard context.outbound.includePorts.value.isEmpty else { return [] }
        let key = "redirect.outbound.excludePorts"
        guard
            let ports = sets.ports(
                "outbound_excluded_ports", context.outbound.excludePorts, key: key)
        else { return [] }
        return [
            Rule(
                [.transport(.tcp), .destinationPort(.set(ports))], then: .return,
                because: Rationale("excluded port", key: key))
        ]
    }

    /// Returns the rules for traffic that stays on the host, and for the proxy's own traffic.
    private static func loopback(_ context: CompilationContext, sets: inout SetCollector) -> [Rule]
    {
        let loopback = Match.outputInterface(InterfacePattern(context.facts.loopback))
        let proxy = context.proxyUser
        var rules = context.families.map { family in
            Rule(
                [.source(.of(CompilationContext.passthroughSource(family))), loopback],
                then: .return,
                because: Rationale(
                    "proxy's hop to the local application", key: "redirect.inbound.enabled"))
        }
        // Of inbound packets, only those that a process of this host sends have an owner to match.
        let key = "redirect.inbound.excludePortsForUIDs"
        if let flows = sets.ownedFlows(
            "inbound_excluded_owners", context.inbound.excludePortsForUIDs, key: key)
        {
            rules += context.families.map { family in
                Rule(
                    [
                        .ownedFlow(flows), .transport(.tcp), loopback,
                        .destination(.notOf(CompilationContext.localhost(family))),
                    ], then: .return,
                    because: Rationale("excluded owner and port", key: key))
            }
        }
        rules += context.families.map { family in
            Rule(
                [
                    .transport(.tcp), loopback,
                    .destination(.notOf(CompilationContext.localhost(family))), .owner(.is(proxy)),
                ], then: .jump(context.inboundRedirectChain),
                because: Rationale("proxy to this host's own address", key: "redirect.inbound.port")
            )
        }
        rules.append(
            Rule(
                [.transport(.tcp), loopback, .owner(.isNot(proxy))], then: .return,
                because: Rationale("local traffic between processes", key: "kumaDPUser")))
        rules.append(
            Rule(
                [.owner(.is(proxy))], then: .return,
                because: Rationale("proxy's own traffic", key: "kumaDPUser")))
        rules += context.families.map { family in
            Rule(
                [.destination(.of(CompilationContext.localhost(family)))], then: .return,
                because: Rationale("to localhost", key: "redirect.outbound.enabled"))
        }
        return rules
    }

    private static func redirected(_ context: CompilationContext, sets: inout SetCollector)
        -> [Rule]
    {
        let key = "redirect.outbound.includePorts"
        if let ports = sets.ports(
            "outbound_included_ports", context.outbound.includePorts, key: key)
        {
            return [
                Rule(
                    [.transport(.tcp), .destinationPort(.set(ports))],
                    then: .jump(context.outboundRedirectChain),
                    because: Rationale("included port", key: key))
            ]
        }
        return [
            Rule(
                [], then: .jump(context.outboundRedirectChain),
                because: Rationale("outgoing TCP", key: "redirect.outbound.enabled"))
        ]
    }
}
