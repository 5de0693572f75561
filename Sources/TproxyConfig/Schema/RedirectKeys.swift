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

extension ConfigurationKey {
    static let dnsKeys: [ConfigurationKey] = [
        .scalar(
            "redirect.dns.enabled", "REDIRECT_DNS_ENABLED", flag: "--redirect-dns",
            at: \.redirect.dns.enabled, as: .bool,
            "Redirect DNS over UDP to the servers of `resolvConfigPath`."),
        .scalar(
            "redirect.dns.port", "REDIRECT_DNS_PORT", flag: "--redirect-dns-port",
            at: \.redirect.dns.port, as: .port, "The proxy's port for DNS."),
        .scalar(
            "redirect.dns.captureAll", "REDIRECT_DNS_CAPTURE_ALL",
            flag: "--redirect-all-dns-traffic", at: \.redirect.dns.captureAll, as: .bool,
            "Redirect DNS over UDP to every server. The flag turns `enabled` on as well."),
        .scalar(
            "redirect.dns.skipConntrackZoneSplit", "REDIRECT_DNS_SKIP_CONNTRACK_ZONE_SPLIT",
            flag: "--skip-dns-conntrack-zone-split",
            at: \.redirect.dns.skipConntrackZoneSplit, as: .bool,
            "Don't use separate conntrack zones for the queries of applications and of the proxy."),
        .scalar(
            "redirect.dns.resolvConfigPath", "REDIRECT_DNS_RESOLV_CONFIG_PATH",
            at: \.redirect.dns.resolvConfigPath, as: .path(),
            "The resolv.conf(5) that lists the servers; read once, when tproxy makes the plan."),
        .list(
            "redirect.vnet.networks", "REDIRECT_VNET_NETWORKS", flag: "--vnet",
            at: \.redirect.vnet.networks, of: .virtualNetwork, splitting: .commas,
            "Networks of containers behind interfaces of this host, whose outgoing TCP and DNS is"
                + " redirected, too."),
    ]
}
