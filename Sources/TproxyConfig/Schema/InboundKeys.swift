extension ConfigurationKey {
    static let inboundKeys: [ConfigurationKey] = [
        .scalar(
            "redirect.inbound.enabled", "REDIRECT_INBOUND_ENABLED", flag: "--redirect-inbound",
            at: \.redirect.inbound.enabled, as: .bool,
            "Redirect TCP connections that arrive on this host."),
        .scalar(
            "redirect.inbound.port", "REDIRECT_INBOUND_PORT", flag: "--redirect-inbound-port",
            at: \.redirect.inbound.port, as: .port, "The proxy's port for incoming connections."),
        .list(
            "redirect.inbound.includePorts", "REDIRECT_INBOUND_INCLUDE_PORTS",
            at: \.redirect.inbound.includePorts, of: .port, splitting: .commas,
            "Redirect these ports only; `excludePorts` is then ignored."),
        .list(
            "redirect.inbound.excludePorts", "REDIRECT_INBOUND_EXCLUDE_PORTS",
            flag: "--exclude-inbound-ports", at: \.redirect.inbound.excludePorts, of: .port,
            splitting: .commas, "Ports to exclude."),
        .list(
            "redirect.inbound.excludePortsForUIDs", "REDIRECT_INBOUND_EXCLUDE_PORTS_FOR_UIDS",
            at: \.redirect.inbound.excludePortsForUIDs, of: .ownerExclusion,
            splitting: .semicolons,
            "Owners to exclude. Only this host's own processes have an owner: the key applies to"
                + " their traffic to this host's own addresses."),
        .list(
            "redirect.inbound.excludePortsForIPs", "REDIRECT_INBOUND_EXCLUDE_PORTS_FOR_IPS",
            flag: "--exclude-inbound-ips", at: \.redirect.inbound.excludePortsForIPs, of: .prefix,
            splitting: .commas, "Sources to exclude, for all ports."),
        .scalar(
            "redirect.inbound.insertRedirectInsteadOfAppend",
            "REDIRECT_INBOUND_INSERT_REDIRECT_INSTEAD_OF_APPEND",
            flag: "--redirect-inbound-insert-instead-of-append",
            at: \.redirect.inbound.insertRedirectInsteadOfAppend, as: .bool,
            "Redirect before the rules of other programs instead of after them."),
        .scalar(
            "redirect.inbound.chainName", "REDIRECT_INBOUND_CHAIN_NAME",
            at: \.redirect.inbound.chainName, as: .chainName, isInFiles: false,
            "The chain that chooses incoming connections."),
        .scalar(
            "redirect.inbound.redirectChainName", "REDIRECT_INBOUND_REDIRECT_CHAIN_NAME",
            at: \.redirect.inbound.redirectChainName, as: .chainName, isInFiles: false,
            "The chain that redirects them."),
    ]
}
