import Addressing
import HostFacts
import RuleIR
import TproxyConfig

/// The nat rules on the output hook.
struct OutputRules {
    let first: [Rule]
    let last: [Rule]

    init(_ context: CompilationContext, exclusions: OutboundExclusions, dns: DNSRules) {
        var first: [Rule] = []
        if context.config.log.enabled.value, let level = LogLevel(context.config.log.level.value) {
            first.append(
                Rule(
                    [], then: .log(prefix: .output, level: level),
                    because: Rationale("log outgoing connections", key: "log.enabled")))
        }
        first += exclusions.rules + dns.outgoing
        let jump = Rule(
            [.transport(.tcp)], then: .jump(context.outboundChain),
            because: Rationale("outgoing TCP", key: "redirect.outbound.enabled"))
        // DNS over TCP must bypass the proxy before the jump, wherever the jump stands. Kuma leaves
        // this rule behind an inserted jump and so redirects DNS over TCP again.
        if context.outbound.insertRedirectInsteadOfAppend.value {
            self.first = first + dns.overTCP + [jump]
            last = []
        } else {
            self.first = first
            last = dns.overTCP + [jump]
        }
    }
}
