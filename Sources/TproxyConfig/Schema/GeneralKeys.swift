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
