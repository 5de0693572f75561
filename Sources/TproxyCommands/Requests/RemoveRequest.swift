import ArgumentParser
import Diagnostics
import IptablesBackend
import RuleIR
import TproxyConfig
import TproxyOperations

/// The arguments of `remove`.
struct RemoveRequest: PlainRequest {
    var instance: InstanceName
    var programs: IptablesPrograms
    var output: OutputFormat
    var isDryRun: Bool
    var removesKumactl: Bool
    var unstoresFirewalld: Bool
    var firewalldFile: String
    /// Options that change nothing and are accepted because kumactl has them.
    var withoutEffect: [String]

    /// Throws for options that conflict with `--kumactl`.
    func validate() throws {
        guard removesKumactl else { return }
        let others =
            (instance == .mesh ? [] : ["--instance"])
            + (unstoresFirewalld ? ["--store-firewalld"] : [])
        guard others.isEmpty else {
            throw ValidationError(
                "--kumactl removes kumactl's rules alone; leave out \(others.joined(separator: ", "))"
            )
        }
    }

    func run() throws {
        Console.report(withoutEffect.map { .acceptedForKumactl($0) })
        let selection = try programs.backends()
        guard !removesKumactl else { return try removeKumactl(selection) }
        let reporter = RemoveReporter(output)
        let removal = Removal(
            of: instance, selection, FirewalldStore(firewalldFile),
            isUnstoring: unstoresFirewalld, isDryRun: isDryRun, tell: reporter.tell)
        try reporter.finish(RemoveReport(removal.run(), isDryRun: isDryRun))
    }

    private func removeKumactl(_ selection: BackendSelection) throws {
        let found = try selection.kumactlInstallations()
        let reporter = RemoveReporter(output)
        if found.isEmpty { reporter.say("no kumactl rules to remove") }
        for one in found {
            reporter.say(one.lines.joined(separator: "\n"))
            if !isDryRun { try selection.remove(one) }
        }
        if !found.isEmpty { Console.note(isDryRun ? "nothing was changed" : "removed") }
        try reporter.finish(
            RemoveReport(removedFromKumactl: found.flatMap(\.lines), isDryRun: isDryRun))
    }
}

extension RemoveRequest {
    static let plainOptions: [(name: String, kind: PlainWords.Kind)] =
        [
            ("--instance", .value), ("--iptables-executables", .list), ("--output", .value),
            ("--dry-run", .flag), ("--kumactl", .flag), ("--store-firewalld", .flag),
            ("--firewalld-file", .value), ("--verbose", .flag), ("--ebpf-enabled", .flag),
            ("--ebpf-bpffs-path", .value),
        ] + PlainWords.screenOptions

    init?(_ words: PlainWords) {
        guard let output = words.output, let instance = words.instance,
            words.areScreenOptionsValid
        else { return nil }
        self.instance = instance
        self.output = output
        programs = words.programs
        isDryRun = words.has("--dry-run")
        removesKumactl = words.has("--kumactl")
        unstoresFirewalld = words.has("--store-firewalld")
        firewalldFile = words.firewalldFile
        withoutEffect = ["--verbose", "--ebpf-enabled", "--ebpf-bpffs-path"].filter(words.has)
    }
}
