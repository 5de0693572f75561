import Addressing
import HostFacts
import RuleIR
import TproxyConfig

/// Rules that leave excluded packets to Docker's DNS rules.
///
/// Docker redirects 127.0.0.11 port 53 in the built-in chain OUTPUT of iptables. A packet that
/// returns from a rule before Docker's jump never reaches that jump, and nothing listens on port
/// 53: processes whose DNS is excluded could not resolve names. With nftables, Docker's chain runs
/// after ours in any case.
struct DockerRules {
    /// The address of Docker's DNS server in a container.
    static let resolver = IPPrefix(IPAddress.dockerResolver)

    /// The rules that precede the exclusions they are made for.
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
