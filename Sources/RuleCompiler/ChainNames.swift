import TproxyConfig
import RuleIR

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
