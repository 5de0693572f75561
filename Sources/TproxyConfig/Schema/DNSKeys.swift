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
