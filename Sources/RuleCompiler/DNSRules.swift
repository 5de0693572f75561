import Addressing
import Diagnostics
import HostFacts
import RuleIR
import TproxyConfig

/// Redirection of DNS over UDP, and the conntrack zones that separate its two sides.
struct DNSRules {
    /// The nat rules of the output hook that run before the rules of other programs.
    let outgoing: [Rule]
    /// The nat rules of the output hook that make DNS over TCP bypass the proxy.
    let overTCP: [Rule]
    private(set) var rawOutput: [Rule] = []
    private(set) var rawPrerouting: [Rule] = []
    private(set) var warnings: [Diagnostic] = []

    static let toDNS: [Match] = [.transport(.udp), .destinationPort(.port(.dns))]

    init(_ context: CompilationContext, sets: inout SetCollector) {
        guard context.dns.enabled.value else {
            outgoing = []
            overTCP = []
            return
        }
        let servers = DNSServers(context, sets: &sets)
        warnings = servers.warnings
        let fromProxy = Match.owner(.is(context.proxyUser))
        let own = Rule(
            servers.scopeMatches + Self.toDNS + [fromProxy],
            then: context.facts.hasDockerDNSChain ? .yieldToDockerDNS : .return,
            because: Rationale("proxy's own DNS query", key: "kumaDPUser"))
        let redirects = servers.matches.map { matches in
            Rule(
                matches + Self.toDNS, then: .redirect(context.dns.port.value),
                because: Rationale(
                    servers.isEverything ? "DNS query" : "DNS query to a resolver",
                    key: servers.key))
        }
        outgoing = redirects.isEmpty ? [] : [own] + redirects
        // An appended jump comes after Docker's own, and so does this rule.
        let isBeforeDocker =
            context.facts.hasDockerDNSChain && context.outbound.insertRedirectInsteadOfAppend.value
        overTCP =
            redirects.isEmpty
            ? []
            : [
                Rule(
                    servers.scopeMatches + [
                        .transport(.tcp), .destinationPort(.port(.dns)),
                        .owner(.isNot(context.proxyUser)),
                    ], then: isBeforeDocker ? .yieldToDockerDNS : .return,
                    because: Rationale("DNS over TCP isn't redirected", key: "redirect.dns.enabled")
                )
            ]
        guard !redirects.isEmpty, !context.dns.skipConntrackZoneSplit.value else { return }
        // Docker's chain exists for IPv4 only.
        let isSpoiled = context.facts.hasDockerDNSChain && servers.isEverything
        if isSpoiled { warnings.append(.noZoneSplitWithDocker()) }
        let families = context.families.filter { !(isSpoiled && $0 == .ipv4) }
        let zones = ZoneRules(context, servers: servers, of: families)
        rawOutput = zones.output
        rawPrerouting = zones.prerouting
    }
}
