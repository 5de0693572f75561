extension ConfigurationKey {
    static let generalKeys: [ConfigurationKey] = [
        .scalar(
            "kumaDPUser", "KUMA_DP_USER", flag: "--kuma-dp-user", at: \.kumaDPUser, as: .user,
            "The user that the proxy runs as. Its traffic bypasses the proxy."),
        .scalar(
            "ipFamilyMode", "IP_FAMILY_MODE", flag: "--ip-family-mode", at: \.ipFamilyMode,
            as: .familyMode, "The address families to redirect."),
        .scalar(
            "dropInvalidPackets", "DROP_INVALID_PACKETS", flag: "--drop-invalid-packets",
            at: \.dropInvalidPackets, as: .bool,
            "Drop incoming packets that conntrack finds invalid; NAT wouldn't redirect them."),
        .scalar(
            "log.enabled", "LOG_ENABLED", flag: "--iptables-logs", at: \.log.enabled, as: .bool,
            "Write a line to the kernel log for every new connection."),
        .scalar(
            "log.level", "LOG_LEVEL", at: \.log.level, as: .integer(0...7),
            "The syslog severity of those lines; 7 is debug."),
        .scalar(
            "comments.disabled", "COMMENTS_DISABLED", flag: "--disable-comments",
            at: \.comments.disabled, as: .bool, "Load the rules without comments."),
        .scalar(
            "cniMode", "CNI_MODE", at: \.cniMode, as: .bool,
            "The rules are for a pod: the proxy's user is a number and isn't looked up."),
        .scalar(
            "dryRun", "DRY_RUN", flag: "--dry-run", at: \.dryRun, as: .bool,
            "Print the plan and change nothing."),
        .scalar(
            "verbose", "VERBOSE", flag: "--verbose", at: \.verbose, as: .bool,
            "Print the plan before it is applied."),
    ]
}

extension ConfigurationKey {
    static let installationKeys: [ConfigurationKey] = [
        .scalar(
            "retry.maxRetries", "RETRY_MAX_RETRIES", flag: "--max-retries",
            at: \.retry.maxRetries, as: .integer(0...1000),
            "How often to retry when the kernel is busy; 4 retries are five attempts."),
        .scalar(
            "retry.sleepBetweenRetries", "RETRY_SLEEP_BETWEEN_RETRIES",
            flag: "--sleep-between-retries", at: \.retry.sleepBetweenRetries, as: .duration,
            "How long to sleep between attempts."),
        .scalar(
            "wait", "WAIT", flag: "--wait", at: \.wait, as: .integer(0...86_400, unit: "seconds"),
            "How long to wait for another program's change; 0 means no wait."),
        .scalar(
            "waitInterval", "WAIT_INTERVAL", flag: "--wait-interval", at: \.waitInterval,
            as: .integer(0...1_000_000_000, unit: "microseconds"),
            "How long to sleep between checks while waiting; 0 is a tenth of a second."),
        .executables,
        .scalar(
            "storeFirewalld", "STORE_FIREWALLD", flag: "--store-firewalld", at: \.storeFirewalld,
            as: .bool,
            "Also store the rules for firewalld, and load them with the iptables that it calls."),
    ]
}

extension ConfigurationKey {
    static let ebpfKeys: [ConfigurationKey] = [
        .scalar(
            "ebpf.enabled", "EBPF_ENABLED", flag: "--ebpf-enabled", at: \.ebpf.enabled, as: .bool,
            "Use eBPF instead of firewall rules, as --backend ebpf does."),
        .scalar(
            "ebpf.instanceIP", "EBPF_INSTANCE_IP", flag: "--ebpf-instance-ip",
            at: \.ebpf.instanceIP, as: .address,
            "An address of this host that no interface has yet."),
        .scalar(
            "ebpf.instanceIPEnvVarName", "EBPF_INSTANCE_IP_ENV_VAR_NAME",
            at: \.ebpf.instanceIPEnvVarName, as: .path(allowsEmpty: true),
            "The environment variable that holds that address."),
        .scalar(
            "ebpf.bpffsPath", "EBPF_BPFFS_PATH", flag: "--ebpf-bpffs-path", at: \.ebpf.bpffsPath,
            as: .path(), "The BPF file system, if not /run/kuma/bpf or /sys/fs/bpf."),
        .scalar(
            "ebpf.cgroupPath", "EBPF_CGROUP_PATH", flag: "--ebpf-cgroup-path",
            at: \.ebpf.cgroupPath, as: .path(),
            "The cgroup (v2) whose sockets are redirected; by default all."),
        .scalar(
            "ebpf.programsSourcePath", "EBPF_PROGRAMS_SOURCE_PATH",
            flag: "--ebpf-programs-source-path", at: \.ebpf.programsSourcePath, as: .path(),
            "A folder with another build of the programs, if not those of tproxy."),
        .scalar(
            "ebpf.tcAttachIface", "EBPF_TC_ATTACH_IFACE", flag: "--ebpf-tc-attach-iface",
            at: \.ebpf.tcAttachIface, as: .interface,
            "The only interface whose incoming connections are redirected; empty is all."),
    ]
}
