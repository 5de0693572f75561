import ArgumentParser

/// The command `remove`, which Kuma calls `uninstall transparent-proxy`.
struct RemoveCommand<Messages: CommandMessages>: ParsableCommand {
    static var configuration: CommandConfiguration { Messages.configuration }

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var programs: ProgramsOptions

    @Option(help: "The output format.")
    var output: OutputFormat = .text

    @OptionGroup var screen: ScreenOptions

    @Flag(help: "Print what would be removed and change nothing.")
    var dryRun = false

    @Flag(help: "Remove the rules that kumactl installed.")
    var kumactl = false

    @Flag(help: "Remove the rules stored for firewalld, too.")
    var storeFirewalld = false

    @OptionGroup var firewalld: FirewalldOptions

    // Other options of 'kumactl uninstall transparent-proxy', accepted with a note. The rules of every
    // backend are removed, those of eBPF included.
    @Flag(help: .hidden) var verbose = false
    @Flag(help: .hidden) var ebpfEnabled = false
    @Option(help: .hidden) var ebpfBpffsPath: String?

    var request: RemoveRequest {
        RemoveRequest(
            instance: instance.instance, programs: programs.programs, output: output,
            isDryRun: dryRun, removesKumactl: kumactl, unstoresFirewalld: storeFirewalld,
            firewalldFile: firewalld.firewalldFile,
            withoutEffect: (verbose ? ["--verbose"] : [])
                + (ebpfEnabled ? ["--ebpf-enabled"] : [])
                + (ebpfBpffsPath == nil ? [] : ["--ebpf-bpffs-path"]))
    }

    func validate() throws { try request.validate() }

    func run() throws { try request.run() }
}
