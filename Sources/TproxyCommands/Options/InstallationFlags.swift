import ArgumentParser

/// Flags that control how rules are loaded.
struct InstallationFlags: ParsableArguments {
    @Option(help: "How often to retry when the kernel is busy.")
    var maxRetries: String?

    @Option(help: "How long to sleep between retries, such as 2s.")
    var sleepBetweenRetries: String?

    @Option(help: "Seconds to wait while another program changes the rules.")
    var wait: String?

    @Option(help: "Microseconds between checks while waiting.")
    var waitInterval: String?

    @Option(
        parsing: .singleValue,
        help: "Paths of the iptables programs, name:path, separated by commas. Repeatable.")
    var iptablesExecutables: [String] = []

    @Option(
        defaultAsFlag: "true", help: "Log new connections to the kernel log.", completion: .truth)
    var iptablesLogs: String?

    @Option(defaultAsFlag: "true", help: "Load the rules without comments.", completion: .truth)
    var disableComments: String?

    @Option(
        defaultAsFlag: "true", help: "Drop packets that conntrack finds invalid.",
        completion: .truth)
    var dropInvalidPackets: String?

    @Option(
        defaultAsFlag: "true", help: "Store the rules for firewalld, and load them with iptables.",
        completion: .truth)
    var storeFirewalld: String?

    @Option(defaultAsFlag: "true", help: "Print the plan and change nothing.", completion: .truth)
    var dryRun: String?

    @Option(defaultAsFlag: "true", help: "Print the plan before it is applied.", completion: .truth)
    var verbose: String?

    var texts: [FlagTexts] {
        [
            FlagTexts("max-retries", maxRetries),
            FlagTexts("sleep-between-retries", sleepBetweenRetries),
            FlagTexts("wait", wait),
            FlagTexts("wait-interval", waitInterval),
            FlagTexts("iptables-executables", iptablesExecutables),
            FlagTexts("iptables-logs", iptablesLogs),
            FlagTexts("disable-comments", disableComments),
            FlagTexts("drop-invalid-packets", dropInvalidPackets),
            FlagTexts("store-firewalld", storeFirewalld),
            FlagTexts("dry-run", dryRun),
            FlagTexts("verbose", verbose),
        ]
    }
}
