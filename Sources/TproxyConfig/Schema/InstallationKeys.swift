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
