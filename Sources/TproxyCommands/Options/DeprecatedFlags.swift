import ArgumentParser

/// Flags of older versions of Kuma that scripts still use; accepted with a warning.
struct DeprecatedFlags: ParsableArguments {
    @Option var kumaDpUid: String?
    @Option var redirectInboundPortV6: String?
    @Option(defaultAsFlag: "true", completion: .truth) var skipResolvConf: String?
    @Option var kumaCpIp: String?
    @Option var redirectDnsUpstreamTargetChain: String?
    @Option(parsing: .singleValue) var excludeOutboundTcpPortsForUids: [String] = []
    @Option(parsing: .singleValue) var excludeOutboundUdpPortsForUids: [String] = []
    @Option(defaultAsFlag: "true", completion: .truth) var experimentalTransparentProxyEngine:
        String?

    var texts: [FlagTexts] {
        [
            FlagTexts("kuma-dp-uid", kumaDpUid),
            FlagTexts("redirect-inbound-port-v6", redirectInboundPortV6),
            FlagTexts("skip-resolv-conf", skipResolvConf),
            FlagTexts("kuma-cp-ip", kumaCpIp),
            FlagTexts("redirect-dns-upstream-target-chain", redirectDnsUpstreamTargetChain),
            FlagTexts("exclude-outbound-tcp-ports-for-uids", excludeOutboundTcpPortsForUids),
            FlagTexts("exclude-outbound-udp-ports-for-uids", excludeOutboundUdpPortsForUids),
            FlagTexts("experimental-transparent-proxy-engine", experimentalTransparentProxyEngine),
        ]
    }
}
