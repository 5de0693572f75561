import Addressing
import Diagnostics
import HostFacts
import RuleIR
import TproxyConfig

/// The configuration and the host facts, and the values that follow from both.
struct CompilationContext {
    let config: TproxyConfig
    let facts: HostFacts
    /// The redirected families, IPv4 first.
    let families: [AddressFamily]
    let proxyUser: UserID
    let warnings: [Diagnostic]

    init(_ config: TproxyConfig, on facts: HostFacts) {
        self.config = config
        self.facts = facts
        // A number in the configuration needs no host, so it takes precedence over facts from a
        // file.
        if case .id(let user) = config.kumaDPUser.value {
            proxyUser = user
        } else {
            proxyUser = facts.proxyUser
        }
        switch config.ipFamilyMode.value {
        case .ipv4:
            families = [.ipv4]
            warnings = []
        case .dualstack where facts.ipv6.isUsable:
            families = [.ipv4, .ipv6]
            warnings = []
        case .dualstack:
            families = [.ipv4]
            warnings = [.ipv6NotRedirected(because: facts.ipv6.reason)]
        }
    }

    var inbound: TproxyConfig.Inbound { config.redirect.inbound }
    var outbound: TproxyConfig.Outbound { config.redirect.outbound }
    var dns: TproxyConfig.DNS { config.redirect.dns }

    /// The source address of the proxy's connection to the local application, 127.0.0.6 or ::6.
    ///
    /// Envoy's inbound passthrough cluster binds it, so that this connection isn't redirected
    /// again.
    static func passthroughSource(_ family: AddressFamily) -> IPPrefix {
        IPPrefix(.passthroughSource(family))
    }

    /// The one loopback address that bypasses the proxy, 127.0.0.1 or ::1.
    ///
    /// The rest of 127.0.0.0/8 is redirected.
    static func localhost(_ family: AddressFamily) -> IPPrefix {
        IPPrefix(.localhost(family))
    }

    /// The address `::6/128`, without which the proxy can't send from ::6.
    var prerequisites: [HostPrerequisite] {
        guard families.contains(.ipv6), inbound.enabled.value else { return [] }
        return [
            .address(
                LoopbackAddress(
                    prefix: Self.passthroughSource(.ipv6), interface: facts.loopback))
        ]
    }
}

extension CompilationContext {
    var inboundChain: ChainName {
        ChainName(inbound.chainName.value.text) ?? .inbound
    }

    var inboundRedirectChain: ChainName {
        ChainName(inbound.redirectChainName.value.text) ?? .inboundRedirect
    }

    var outboundChain: ChainName {
        ChainName(outbound.chainName.value.text) ?? .outbound
    }

    var outboundRedirectChain: ChainName {
        ChainName(outbound.redirectChainName.value.text) ?? .outboundRedirect
    }
}
