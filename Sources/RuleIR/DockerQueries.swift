import Addressing

extension Ruleset {
    /// Whether rules leave packets to Docker's chain `DOCKER_OUTPUT`, which exists for IPv4.
    ///
    /// iptables jumps to it, so it must be in the tables of the same flavour; nftables needs no
    /// jump.
    package var yieldsToDocker: Bool {
        families.contains(.ipv4)
            && locatedRules.contains { $0.rule.action == .yieldToDockerDNS }
    }
}
