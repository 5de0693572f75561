import ArgumentParser
import NftablesBackend
import RuleIR

struct RemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Take the rules out; needs no configuration.")

    @OptionGroup var options: RemoveOptions

    func run() throws {
        try options.run()
    }
}

/// What `remove` and `uninstall transparent-proxy` share.
struct RemoveOptions: ParsableArguments {
    @OptionGroup var instance: InstanceOptions

    @Flag(help: "Say what would be removed and do nothing.")
    var dryRun = false

    // What else 'kumactl uninstall transparent-proxy' takes.
    @Flag(help: .hidden) var verbose = false
    @Flag(help: .hidden) var ebpfEnabled = false
    @Option(help: .hidden) var ebpfBpffsPath: String?

    func run() throws {
        guard !ebpfEnabled else { throw CommandFailure(.noEBPF(at: nil)) }
        let backend = NftablesBackend(version: tproxyVersion, retry: RetryPolicy())
        do {
            guard !dryRun else {
                let installed = try backend.installed(instance.instance)
                Console.result(
                    installed.map { "would remove \(RemoveSummary.words($0))" }
                        ?? "nothing to remove")
                return
            }
            Console.result(RemoveSummary(outcome: try backend.remove(instance.instance)).text)
        } catch {
            throw CommandFailure(error.diagnostic)
        }
    }
}
