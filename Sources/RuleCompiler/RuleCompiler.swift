package import Diagnostics
package import HostFacts
package import RuleIR
package import TproxyConfig

/// Compiles a configuration and host facts into a ruleset.
///
/// The compiler is a pure, total function: every configuration and every facts value give a ruleset
/// that `Ruleset.check` accepts. The rules follow Kuma's latest builder; docs/compatibility.md
/// lists the departures from it.
package struct RuleCompiler: Sendable {
    /// A ruleset and the diagnostics for the user.
    package struct Compilation: Hashable, Sendable {
        package var ruleset: Ruleset
        package var warnings: [Diagnostic]
    }

    let config: TproxyConfig
    let facts: HostFacts
    let instance: InstanceName

    package init(_ config: TproxyConfig, on facts: HostFacts, instance: InstanceName = .mesh) {
        self.config = config
        self.facts = facts
        self.instance = instance
    }

    package func compile() -> Compilation {
        let context = CompilationContext(config, on: facts)
        var sets = SetCollector()
        let dns = DNSRules(context, sets: &sets)
        let exclusions = OutboundExclusions(context, sets: &sets)
        let inbound = InboundRules(context, sets: &sets)
        let outbound = OutboundRules(context, sets: &sets)
        let vnet = VirtualNetworkRules(context, sets: &sets)

        let output = OutputRules(context, exclusions: exclusions, dns: dns)
        let prerouting = PreroutingRules(context, vnet: vnet)
        let invalid = dropInvalid(context)
        let baseChains = [
            BaseChain(.raw, .prerouting, last: dns.rawPrerouting),
            BaseChain(.raw, .output, last: dns.rawOutput),
            BaseChain(.mangle, .prerouting, last: invalid),
            BaseChain(.nat, .prerouting, first: prerouting.first, last: prerouting.last),
            BaseChain(.nat, .output, first: output.first, last: output.last),
        ]
        return Compilation(
            ruleset: Ruleset(
                instance: instance, families: context.families, sets: sets.sets,
                baseChains: baseChains.filter { !$0.first.isEmpty || !$0.last.isEmpty },
                chains: [
                    inbound.chain, outbound.chain, inbound.redirectChain, outbound.redirectChain,
                ],
                prerequisites: context.prerequisites,
                hasComments: !config.comments.disabled.value),
            warnings: context.warnings + dns.warnings)
    }

    private func dropInvalid(_ context: CompilationContext) -> [Rule] {
        guard config.dropInvalidPackets.value else { return [] }
        return [
            Rule(
                [.connectionState(.invalid)], then: .drop,
                because: Rationale("packet with invalid conntrack state", key: "dropInvalidPackets")
            )
        ]
    }
}
