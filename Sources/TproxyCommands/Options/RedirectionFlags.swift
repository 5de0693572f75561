import ArgumentParser

/// Flags that decide what is redirected.
struct RedirectionFlags: ParsableArguments {
    @Option(help: "The user or UID that the proxy runs as.")
    var kumaDpUser: String?

    @Option(
        help: "The address families to redirect: dualstack or ipv4.",
        completion: .list(["dualstack", "ipv4"]))
    var ipFamilyMode: String?

    @Option(
        defaultAsFlag: "true", help: "Redirect incoming connections; on by default.",
        completion: .truth)
    var redirectInbound: String?

    @Option(help: "The proxy's port for incoming connections.")
    var redirectInboundPort: String?

    @Option(help: "Incoming ports to exclude, separated by commas.")
    var excludeInboundPorts: String?

    @Option(
        parsing: .singleValue,
        help: "Source addresses or CIDRs to exclude. Repeatable.")
    var excludeInboundIps: [String] = []

    @Option(
        defaultAsFlag: "true", help: "Insert the inbound redirection before other rules.",
        completion: .truth)
    var redirectInboundInsertInsteadOfAppend: String?

    @Option(help: "The proxy's port for outgoing connections.")
    var redirectOutboundPort: String?

    @Option(help: "Outgoing ports to exclude, separated by commas.")
    var excludeOutboundPorts: String?

    @Option(
        parsing: .singleValue,
        help: "Owners to exclude: [protocol:][ports:]uids. Repeatable.")
    var excludeOutboundPortsForUids: [String] = []

    @Option(
        parsing: .singleValue,
        help: "Destination addresses or CIDRs to exclude. Repeatable.")
    var excludeOutboundIps: [String] = []

    @Option(
        defaultAsFlag: "true", help: "Insert the outbound redirection before other rules.",
        completion: .truth)
    var redirectOutboundInsertInsteadOfAppend: String?

    @Option(
        defaultAsFlag: "true", help: "Redirect DNS to the servers of resolv.conf.",
        completion: .truth)
    var redirectDns: String?

    @Option(defaultAsFlag: "true", help: "Redirect DNS to every server.", completion: .truth)
    var redirectAllDnsTraffic: String?

    @Option(help: "The proxy's port for DNS.")
    var redirectDnsPort: String?

    @Option(
        defaultAsFlag: "true", help: "Don't split DNS into conntrack zones.", completion: .truth)
    var skipDnsConntrackZoneSplit: String?

    @Option(
        parsing: .singleValue,
        help: "A virtual network, INTERFACE:CIDR, whose outgoing traffic to redirect. Repeatable.")
    var vnet: [String] = []

    var texts: [FlagTexts] {
        [
            FlagTexts("kuma-dp-user", kumaDpUser),
            FlagTexts("ip-family-mode", ipFamilyMode),
            FlagTexts("redirect-inbound", redirectInbound),
            FlagTexts("redirect-inbound-port", redirectInboundPort),
            FlagTexts("exclude-inbound-ports", excludeInboundPorts),
            FlagTexts("exclude-inbound-ips", excludeInboundIps),
            FlagTexts(
                "redirect-inbound-insert-instead-of-append", redirectInboundInsertInsteadOfAppend),
            FlagTexts("redirect-outbound-port", redirectOutboundPort),
            FlagTexts("exclude-outbound-ports", excludeOutboundPorts),
            FlagTexts("exclude-outbound-ports-for-uids", excludeOutboundPortsForUids),
            FlagTexts("exclude-outbound-ips", excludeOutboundIps),
            FlagTexts(
                "redirect-outbound-insert-instead-of-append",
                redirectOutboundInsertInsteadOfAppend),
            FlagTexts("redirect-dns", redirectDns),
            FlagTexts("redirect-all-dns-traffic", redirectAllDnsTraffic),
            FlagTexts("redirect-dns-port", redirectDnsPort),
            FlagTexts("skip-dns-conntrack-zone-split", skipDnsConntrackZoneSplit),
            FlagTexts("vnet", vnet),
        ]
    }
}
