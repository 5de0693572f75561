import ArgumentParser
import RuleIR
import TproxyOperations

/// The command `apply`, which Kuma calls `install transparent-proxy`.
///
/// It is generic, instead of two commands with a shared option group: in debug builds
/// ArgumentParser validates a group again for each group that contains it, which every run would
/// pay for.
struct ApplyCommand<Messages: CommandMessages>: ParsableCommand {
    static var configuration: CommandConfiguration { Messages.configuration }

    @OptionGroup var backend: BackendOptions

    @Option(
        help: ArgumentHelp(
            "How the nft backend submits the rules (default: automatic).",
            discussion: """
                Automatic: libnftables, if every other table of the namespace is tproxy's, or one of \
                iptables-nft's without sets, and no set has 2,000 elements or more; netlink \
                otherwise, and if libnftables fails.
                """))
    var submit: Submission?

    @Flag(help: "Move from another backend: load the new rules, then remove the old ones.")
    var replaceBackend = false

    @Option(
        name: .customLong("plan"),
        help: ArgumentHelp(
            "Apply the plan of this file and nothing else.",
            discussion: """
                'tproxy plan --output-file' writes such a file. Refused if the host facts or the loaded \
                rules have changed since then. The file contains the configuration: flags, variables \
                and configuration files are not read.
                """, valueName: "file"), completion: .file())
    var planFile: String?

    @Option(
        name: .customLong("assert"),
        help: ArgumentHelp(
            "Refuse a plan that breaks an assertion of this file, before anything changes.",
            discussion: "'tproxy assert' checks the same file.", valueName: "file"))
    var assertions: String?

    @Option(
        help: ArgumentHelp(
            "Restore the former rules after this time, unless 'tproxy confirm' runs.",
            discussion: """
                1s to 24h, such as 60s. The time begins before the rules are loaded. It holds even if this \
                process is killed or its session ends: a timer of systemd restores the rules, or \
                detached processes. On a terminal, apply waits, and Enter confirms; otherwise it \
                returns at once.
                """, valueName: "time"))
    var confirm: ConfirmationTime?

    @Option(help: "The output format.")
    var output: OutputFormat = .text

    @OptionGroup var screen: ScreenOptions

    @OptionGroup var firewalld: FirewalldOptions
    @OptionGroup var instance: InstanceOptions
    @OptionGroup(title: "Preflight") var preflight: PreflightOptions
    @OptionGroup var facts: FactsOptions
    @OptionGroup var configuration: ConfigurationOptions

    var request: ApplyRequest {
        let request = ApplyRequest(
            backend: backend.backend, submission: submit, replacesBackend: replaceBackend,
            planFile: planFile, assertions: assertions, confirm: confirm?.duration,
            output: output,
            firewalldFile: firewalld.firewalldFile,
            instance: instance.instance, preflight: preflight.policy, facts: facts.facts,
            configuration: configuration.sources)
        return Messages.isKumactls ? request.asKumactls : request
    }

    func validate() throws { try request.validate() }

    func run() throws { try request.run() }
}
