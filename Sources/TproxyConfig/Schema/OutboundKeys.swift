extension ConfigurationKey {
    static let outboundKeys: [ConfigurationKey] = [
        .scalar(
            "redirect.outbound.enabled", "REDIRECT_OUTBOUND_ENABLED",
            at: \.redirect.outbound.enabled, as: .bool,
            "Redirect TCP connections that processes of this host open."),
        .scalar(
            "redirect.outbound.port", "REDIRECT_OUTBOUND_PORT", flag: "--redirect-outbound-port",
            at: \.redirect.outbound.port, as: .port, "The proxy's port for outgoing connections."),
        .list(
            "redirect.outbound.includePorts", "REDIRECT_OUTBOUND_INCLUDE_PORTS",
            at: \.redirect.outbound.includePorts, of: .port, splitting: .commas,
            "Redirect these ports only; `excludePorts` is then ignored."),
        .list(
            "redirect.outbound.excludePorts", "REDIRECT_OUTBOUND_EXCLUDE_PORTS",
            flag: "--exclude-outbound-ports", at: \.redirect.outbound.excludePorts, of: .port,
            splitting: .commas, "TCP ports to exclude."),
        .list(
            "redirect.outbound.excludePortsForUIDs", "REDIRECT_OUTBOUND_EXCLUDE_PORTS_FOR_UIDS",
            flag: "--exclude-outbound-ports-for-uids",
            at: \.redirect.outbound.excludePortsForUIDs, of: .ownerExclusion,
            splitting: .semicolons,
            "Owners to exclude: TCP, UDP and DNS."),
        .list(
            "redirect.outbound.excludePortsForIPs", "REDIRECT_OUTBOUND_EXCLUDE_PORTS_FOR_IPS",
            flag: "--exclude-outbound-ips", at: \.redirect.outbound.excludePortsForIPs, of: .prefix,
            splitting: .commas, "Destinations to exclude, for all ports: TCP, UDP and DNS."),
        .scalar(
            "redirect.outbound.insertRedirectInsteadOfAppend",
            "REDIRECT_OUTBOUND_INSERT_REDIRECT_INSTEAD_OF_APPEND",
            flag: "--redirect-outbound-insert-instead-of-append",
            at: \.redirect.outbound.insertRedirectInsteadOfAppend, as: .bool,
            "Redirect before the rules of other programs instead of after them."),
        .scalar(
            "redirect.outbound.chainName", "REDIRECT_OUTBOUND_CHAIN_NAME",
            at: \.redirect.outbound.chainName, as: .chainName, isInFiles: false,
            "The chain that chooses outgoing connections."),
        .scalar(
            "redirect.outbound.redirectChainName", "REDIRECT_OUTBOUND_REDIRECT_CHAIN_NAME",
            at: \.redirect.outbound.redirectChainName, as: .chainName, isInFiles: false,
            "The chain that redirects them."),
    ]
}
