/// A kernel feature that rules need, and the first Linux version that has it.
package struct KernelFeature: Hashable, Sendable {
    package let name: String
    /// The first version that has the feature, such as `5.6`.
    package let since: String
    /// The options of the kernel configuration, without `CONFIG_`.
    package let options: [String]
    /// The modules that provide the feature, if it isn't built in.
    package let modules: [String]

    /// Returns the error for a kernel without the feature; `use` names what needs it.
    package func unsupported(for use: String? = nil) -> BackendError {
        let options = options.map { "CONFIG_\($0)" }.joined(separator: " and ")
        let modules =
            (modules.count == 1 ? "module " : "modules ") + modules.joined(separator: " and ")
        return .unsupported(
            feature: use.map { "\(name), which \($0) needs" } ?? name,
            remedy: "use Linux \(since) or newer with \(options), or load its \(modules)")
    }

    /// The same feature through iptables-nft, whose matches and targets need `nft_compat`.
    package var throughNfTables: KernelFeature {
        KernelFeature(
            name: name, since: KernelFeature.isOlder(since, "3.13") ? "3.13" : since,
            options: options + ["NFT_COMPAT"], modules: modules + ["nft_compat"])
    }

    private static func isOlder(_ version: String, _ other: String) -> Bool {
        numbers(version).lexicographicallyPrecedes(numbers(other))
    }

    private static func numbers(_ version: String) -> [Int] {
        version.split(separator: ".").map { Int($0) ?? 0 }
    }
}

// Features of nf_tables. All our rules are in its family inet.
extension KernelFeature {
    package static let nfTables = KernelFeature(
        name: "nf_tables", since: "3.14", options: ["NF_TABLES", "NF_TABLES_INET"],
        modules: ["nf_tables"])
    package static let natInInet = KernelFeature(
        name: "NAT in the inet family of nf_tables", since: "5.2", options: ["NFT_NAT"],
        modules: ["nft_chain_nat"])
    package static let rangesInConcatenations = KernelFeature(
        name: "ranges in concatenated nftables sets", since: "5.6", options: ["NF_TABLES"],
        modules: ["nf_tables"])
    package static let conntrackZones = KernelFeature(
        name: "conntrack zones in nf_tables", since: "4.11",
        options: ["NFT_CT", "NF_CONNTRACK_ZONES"], modules: ["nft_ct"])

    /// Returns the feature of an expression; nil if every kernel with nf_tables has it.
    ///
    /// Also nil for an expression that our rules don't use.
    package static func nftablesExpression(_ name: String) -> KernelFeature? {
        switch name {
        case "redir":
            KernelFeature(
                name: "the nftables expression 'redir' in the inet family", since: "5.2",
                options: ["NFT_REDIR"], modules: ["nft_redir"])
        case "ct":
            KernelFeature(
                name: "the nftables expression 'ct'", since: "3.14", options: ["NFT_CT"],
                modules: ["nft_ct"])
        case "log":
            KernelFeature(
                name: "the nftables expression 'log' in the inet family", since: "3.17",
                options: ["NFT_LOG", "NF_LOG_SYSLOG"], modules: ["nft_log"])
        case "counter":
            KernelFeature(
                name: "the nftables expression 'counter'", since: "3.14",
                options: ["NFT_COUNTER"], modules: ["nft_counter"])
        case _: nil
        }
    }
}

// Features of iptables.
extension KernelFeature {
    /// Returns the feature of a match or target, by the name that iptables uses.
    package static func iptablesExtension(_ name: String) -> KernelFeature? {
        switch name {
        case "comment": match(name, since: "2.6.16")
        case "conntrack": match(name, since: "2.6.25")
        case "multiport": match(name, since: "2.6.18")
        case "owner": match(name, since: "2.6.25")
        case "tcp", "udp":
            KernelFeature(
                name: "the iptables match '\(name)'", since: "2.6.16",
                options: ["NETFILTER_XTABLES"], modules: ["xt_tcpudp"])
        case "CT": target(name, since: "2.6.34")
        case "LOG": target(name, since: "3.4", beside: ("NF_LOG_SYSLOG", "nf_log_syslog"))
        case "REDIRECT": target(name, since: "3.7")
        case _: nil
        }
    }

    /// Returns the feature of a table of iptables-legacy.
    package static func legacyTable(_ name: String, isIPv6: Bool) -> KernelFeature {
        KernelFeature(
            name: "the \(isIPv6 ? "IPv6" : "IPv4") table '\(name)' of iptables-legacy",
            since: isIPv6 && name == "nat" ? "3.7" : "2.6.16",
            options: [
                name == "nat"
                    ? "IP\(isIPv6 ? "6" : "")_NF_NAT"
                    : "IP\(isIPv6 ? "6" : "")_NF_\(name.uppercased())"
            ],
            modules: ["ip\(isIPv6 ? "6" : "")table_\(name)"])
    }

    private static func match(_ name: String, since: String) -> KernelFeature {
        KernelFeature(
            name: "the iptables match '\(name)'", since: since,
            options: ["NETFILTER_XT_MATCH_\(name.uppercased())"], modules: ["xt_\(name)"])
    }

    private static func target(
        _ name: String, since: String, beside: (option: String, module: String)? = nil
    ) -> KernelFeature {
        KernelFeature(
            name: "the iptables target '\(name)'", since: since,
            options: ["NETFILTER_XT_TARGET_\(name)"] + [beside?.option].compactMap(\.self),
            modules: ["xt_\(name)"] + [beside?.module].compactMap(\.self))
    }
}
