extension ConfigurationKey {
    static let generalKeys: [ConfigurationKey] = [
        .scalar(
            "kumaDPUser", "KUMA_DP_USER", flag: "--kuma-dp-user", at: \.kumaDPUser, as: .user,
            "The user that the proxy runs as. Its own traffic is never sent back to it."),
        .scalar(
            "ipFamilyMode", "IP_FAMILY_MODE", flag: "--ip-family-mode", at: \.ipFamilyMode,
            as: .familyMode, "Which address families are captured."),
        .scalar(
            "dropInvalidPackets", "DROP_INVALID_PACKETS", flag: "--drop-invalid-packets",
            at: \.dropInvalidPackets, as: .bool,
            "Drop arriving packets that conntrack finds invalid, which NAT would let by."),
        .scalar(
            "log.enabled", "LOG_ENABLED", flag: "--iptables-logs", at: \.log.enabled, as: .bool,
            "Write a line to the kernel log for every new connection."),
        .scalar(
            "log.level", "LOG_LEVEL", at: \.log.level, as: .integer(0...7),
            "The syslog severity of those lines; 7 is debug."),
        .scalar(
            "comments.disabled", "COMMENTS_DISABLED", flag: "--disable-comments",
            at: \.comments.disabled, as: .bool, "Leave the reasons off the rules in the kernel."),
        .scalar(
            "cniMode", "CNI_MODE", at: \.cniMode, as: .bool,
            "The rules are for a pod: the proxy's user is a number and isn't looked up."),
        .scalar(
            "dryRun", "DRY_RUN", flag: "--dry-run", at: \.dryRun, as: .bool,
            "Print the plan and do nothing."),
        .scalar(
            "verbose", "VERBOSE", flag: "--verbose", at: \.verbose, as: .bool,
            "Print the plan before it is applied."),
    ]
}
