import Addressing
import HostFacts
import RuleIR
import TproxyConfig

/// The nat rules on the prerouting hook.
struct PreroutingRules {
    let first: [Rule]
    let last: [Rule]

    init(_ scope: Scope, vnet: VirtualNetworkRules) {
        var first: [Rule] = []
        if scope.config.log.enabled.value, let level = LogLevel(scope.config.log.level.value) {
            // Kuma appends this behind what it inserts, where hardly a packet comes by.
            first.append(
                Rule(
                    [], then: .log(prefix: .prerouting, level: level),
                    because: Rationale("log incoming connections", key: "log.enabled")))
        }
        let jump = Rule(
            [.transport(.tcp)], then: .jump(scope.inboundChain),
            because: Rationale("incoming TCP", key: "redirect.inbound.enabled"))
        if vnet.isConfigured || scope.inbound.insertRedirectInsteadOfAppend.value {
            self.first = first + vnet.rules + [jump]
            last = []
        } else {
            self.first = first
            last = [jump]
        }
    }
}
