import Addressing
import HostFacts
import RuleIR
import TproxyConfig

/// Rules that leave excluded packets to Docker's DNS rules.
///
/// Docker redirects 127.0.0.11 port 53 in the built-in chain OUTPUT of iptables. A packet that returns from
/// a rule in front of Docker's jump never meets it, and nothing listens on port 53: names would not resolve
/// for whom DNS is excluded. nftables runs Docker's chain after ours in any case.
struct DockerRules {
    /// Docker's DNS server in a container.
    static let resolver = IPPrefix(IPAddress.dockerResolver)

    /// These come before the exclusions that they are for.
    private(set) var exclusions: [Rule] = []

    init(_ context: CompilationContext, sets: inout SetCollector) {
        guard context.facts.hasDockerDNSChain else { return }
        let flowsKey = "redirect.outbound.excludePortsForUIDs"
        if let flows = sets.ownedFlows(
            "docker_excluded_owners", context.outbound.excludePortsForUIDs, to: .dns, key: flowsKey)
        {
            exclusions.append(
                Rule(
                    [.destination(.of(Self.resolver)), .ownedFlow(flows)],
                    then: .yieldToDockerDNS,
                    because: Rationale("excluded owner's query to Docker's DNS", key: flowsKey)))
        }
        let isExcluded = context.outbound.excludePortsForIPs.value.contains {
            $0.value.contains(.dockerResolver)
        }
        if isExcluded {
            exclusions.append(
                Rule(
                    [.destination(.of(Self.resolver))], then: .yieldToDockerDNS,
                    because: Rationale(
                        "query to Docker's DNS, an excluded destination",
                        key: "redirect.outbound.excludePortsForIPs")))
        }
    }
}
