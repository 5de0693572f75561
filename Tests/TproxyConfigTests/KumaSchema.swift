/// A key of Kuma's, written by hand from its sources at v2.14.3.
///
/// Users' files, scripts and pods contain these names; the schema under test must know each.
struct KumaKey: Sendable, CustomStringConvertible {
    /// The path; empty if Kuma reads the value from the environment only.
    var path: String
    var variable: String
    var flag: String?
    /// A value other than the default.
    var value: String

    var description: String { variable }

    static let all: [KumaKey] = [
        KumaKey("kumaDPUser", "KUMA_DP_USER", "--kuma-dp-user", "1234"),
        KumaKey("ipFamilyMode", "IP_FAMILY_MODE", "--ip-family-mode", "ipv4"),
        KumaKey(
            "redirect.inbound.enabled", "REDIRECT_INBOUND_ENABLED", "--redirect-inbound", "false"),
        KumaKey(
            "redirect.inbound.port", "REDIRECT_INBOUND_PORT", "--redirect-inbound-port", "1006"),
        KumaKey(
            "redirect.inbound.includePorts", "REDIRECT_INBOUND_INCLUDE_PORTS", nil, "81,82"),
        KumaKey(
            "redirect.inbound.excludePorts", "REDIRECT_INBOUND_EXCLUDE_PORTS",
            "--exclude-inbound-ports", "81,82"),
        KumaKey(
            "redirect.inbound.excludePortsForUIDs", "REDIRECT_INBOUND_EXCLUDE_PORTS_FOR_UIDS", nil,
            "tcp:80,90-91:1000"),
        KumaKey(
            "redirect.inbound.excludePortsForIPs", "REDIRECT_INBOUND_EXCLUDE_PORTS_FOR_IPS",
            "--exclude-inbound-ips", "10.0.0.0/8,fd00::1"),
        KumaKey(
            "redirect.inbound.insertRedirectInsteadOfAppend",
            "REDIRECT_INBOUND_INSERT_REDIRECT_INSTEAD_OF_APPEND",
            "--redirect-inbound-insert-instead-of-append", "true"),
        KumaKey("", "REDIRECT_INBOUND_CHAIN_NAME", nil, "IN"),
        KumaKey("", "REDIRECT_INBOUND_REDIRECT_CHAIN_NAME", nil, "IN_R"),
        KumaKey("redirect.outbound.enabled", "REDIRECT_OUTBOUND_ENABLED", nil, "false"),
        KumaKey(
            "redirect.outbound.port", "REDIRECT_OUTBOUND_PORT", "--redirect-outbound-port",
            "1001"),
        KumaKey(
            "redirect.outbound.includePorts", "REDIRECT_OUTBOUND_INCLUDE_PORTS", nil, "81,82"),
        KumaKey(
            "redirect.outbound.excludePorts", "REDIRECT_OUTBOUND_EXCLUDE_PORTS",
            "--exclude-outbound-ports", "81,82"),
        KumaKey(
            "redirect.outbound.excludePortsForUIDs", "REDIRECT_OUTBOUND_EXCLUDE_PORTS_FOR_UIDS",
            "--exclude-outbound-ports-for-uids", "udp:53:1000-2000"),
        KumaKey(
            "redirect.outbound.excludePortsForIPs", "REDIRECT_OUTBOUND_EXCLUDE_PORTS_FOR_IPS",
            "--exclude-outbound-ips", "10.0.0.0/8,fd00::1"),
        KumaKey(
            "redirect.outbound.insertRedirectInsteadOfAppend",
            "REDIRECT_OUTBOUND_INSERT_REDIRECT_INSTEAD_OF_APPEND",
            "--redirect-outbound-insert-instead-of-append", "true"),
        KumaKey("", "REDIRECT_OUTBOUND_CHAIN_NAME", nil, "OUT"),
        KumaKey("", "REDIRECT_OUTBOUND_REDIRECT_CHAIN_NAME", nil, "OUT_R"),
        KumaKey("redirect.dns.enabled", "REDIRECT_DNS_ENABLED", "--redirect-dns", "true"),
        KumaKey("redirect.dns.port", "REDIRECT_DNS_PORT", "--redirect-dns-port", "1053"),
        KumaKey(
            "redirect.dns.captureAll", "REDIRECT_DNS_CAPTURE_ALL", "--redirect-all-dns-traffic",
            "true"),
        KumaKey(
            "redirect.dns.skipConntrackZoneSplit", "REDIRECT_DNS_SKIP_CONNTRACK_ZONE_SPLIT",
            "--skip-dns-conntrack-zone-split", "true"),
        KumaKey(
            "redirect.dns.resolvConfigPath", "REDIRECT_DNS_RESOLV_CONFIG_PATH", nil,
            "/run/resolv.conf"),
        KumaKey(
            "redirect.vnet.networks", "REDIRECT_VNET_NETWORKS", "--vnet",
            "docker0:172.17.0.0/16,br+:::1/64"),
        KumaKey("ebpf.enabled", "EBPF_ENABLED", "--ebpf-enabled", "true"),
        KumaKey("ebpf.instanceIP", "EBPF_INSTANCE_IP", "--ebpf-instance-ip", "10.0.0.1"),
        KumaKey("ebpf.instanceIPEnvVarName", "EBPF_INSTANCE_IP_ENV_VAR_NAME", nil, "INSTANCE_IP"),
        KumaKey("ebpf.bpffsPath", "EBPF_BPFFS_PATH", "--ebpf-bpffs-path", "/sys/fs/bpf"),
        KumaKey("ebpf.cgroupPath", "EBPF_CGROUP_PATH", "--ebpf-cgroup-path", "/cgroup"),
        KumaKey(
            "ebpf.programsSourcePath", "EBPF_PROGRAMS_SOURCE_PATH",
            "--ebpf-programs-source-path", "/ebpf"),
        KumaKey("ebpf.tcAttachIface", "EBPF_TC_ATTACH_IFACE", "--ebpf-tc-attach-iface", "eth1"),
        KumaKey("retry.maxRetries", "RETRY_MAX_RETRIES", "--max-retries", "7"),
        KumaKey(
            "retry.sleepBetweenRetries", "RETRY_SLEEP_BETWEEN_RETRIES",
            "--sleep-between-retries", "3s"),
        KumaKey(
            "iptablesExecutables", "IPTABLES_EXECUTABLES", "--iptables-executables",
            "iptables:/a,iptables-save:/b,iptables-restore:/c"),
        KumaKey("log.enabled", "LOG_ENABLED", "--iptables-logs", "true"),
        KumaKey("log.level", "LOG_LEVEL", nil, "4"),
        KumaKey("comments.disabled", "COMMENTS_DISABLED", "--disable-comments", "true"),
        KumaKey("wait", "WAIT", "--wait", "9"),
        KumaKey("waitInterval", "WAIT_INTERVAL", "--wait-interval", "1000"),
        KumaKey("dropInvalidPackets", "DROP_INVALID_PACKETS", "--drop-invalid-packets", "true"),
        KumaKey("storeFirewalld", "STORE_FIREWALLD", "--store-firewalld", "true"),
        KumaKey("cniMode", "CNI_MODE", nil, "true"),
        KumaKey("dryRun", "DRY_RUN", "--dry-run", "true"),
        KumaKey("verbose", "VERBOSE", "--verbose", "true"),
    ]

    init(_ path: String, _ suffix: String, _ flag: String?, _ value: String) {
        self.path = path
        variable = "KUMA_TRANSPARENT_PROXY_" + suffix
        self.flag = flag
        self.value = value
    }

    /// The value in a file: `a.b.c: v` as nested mappings.
    var yaml: String {
        let names = path.split(separator: ".")
        let lines = names.enumerated().map { index, name in
            String(repeating: "  ", count: index) + "\(name):"
        }
        return lines.joined(separator: "\n") + " \"\(value)\"\n"
    }
}
