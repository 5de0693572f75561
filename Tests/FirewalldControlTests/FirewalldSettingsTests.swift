import FirewalldControl
import Testing

/// firewalld.conf, read as firewalld reads it.
@Suite struct FirewalldSettingsTests {
    @Test func whatIsNotSaidIsTheDefault() {
        let settings = FirewalldSettings(text: "DefaultZone=public\n\n# FirewallBackend=iptables\n")
        #expect(settings == FirewalldSettings())
        #expect(settings.backend == .nftables)
        #expect(settings.rejectsEmbeddedIPv4)
        #expect(settings.removesRulesOnExit)
    }

    @Test func whatIsSaidCounts() {
        let settings = FirewalldSettings(
            text: "  FirewallBackend = iptables \r\nRFC3964_IPv4=No\r\nCleanupOnExit=false")
        #expect(settings.backend == .iptables)
        #expect(!settings.rejectsEmbeddedIPv4)
        #expect(!settings.removesRulesOnExit)
    }

    @Test(arguments: [
        "FirewallBackend=ebpf", "; FirewallBackend=iptables", "FirewallBackend=",
        "FirewallBackend=iptables=1", "firewallbackend=iptables", "RFC3964_IPv4=maybe",
        "FirewallBackend=nftables\nFirewallBackend=iptables",
    ])
    func whatFirewalldPassesOverIsPassedOver(line: String) {
        #expect(FirewalldSettings(text: line) == FirewalldSettings())
    }
}
