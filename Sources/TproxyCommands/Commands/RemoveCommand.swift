import ArgumentParser
import Diagnostics
import FirewalldExporter
import IptablesBackend
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

    @Flag(help: "Take out what kumactl itself installed, rule by rule.")
    var kumactl = false

    @Flag(help: "Take them out of what is stored for firewalld, too.")
    var storeFirewalld = false

    @OptionGroup var firewalld: FirewalldOptions

    // What else 'kumactl uninstall transparent-proxy' takes.
    @Flag(help: .hidden) var verbose = false
    @Flag(help: .hidden) var ebpfEnabled = false
    @Option(help: .hidden) var ebpfBpffsPath: String?

    func run() throws {
        guard !ebpfEnabled else { throw CommandFailure(.noEBPF(at: nil)) }
        let selection = BackendSelection()
        guard !kumactl else { return try removeKumactl(selection) }
        let loaded = try selection.loaded(instance.instance)
        let store = FirewalldStore(firewalld.firewalldFile)
        // A file that can't be changed is told of before the rules are gone.
        let stored = storeFirewalld ? try store.removing(from: store.read()) : nil
        if loaded.isEmpty, stored?.isDifferent != true { Console.result("nothing to remove") }
        for one in loaded {
            guard !dryRun else {
                Console.result("would remove \(RemoveSummary.words(one.installed))")
                continue
            }
            do throws(BackendError) {
                let outcome = try selection.backend(one.name).remove(instance.instance)
                Console.result(RemoveSummary(outcome: outcome).text)
            } catch {
                throw CommandFailure(error.diagnostic)
            }
        }
        if let stored {
            try removeStored(store, stored)
        } else if (try? store.removing(from: store.read()))?.change.removed ?? 0 > 0 {
            Console.report([.stillStored(store.path)])
        }
    }

    private func removeStored(
        _ store: FirewalldStore, _ stored: FirewalldStore.Proposal
    ) throws(CommandFailure) {
        guard stored.isDifferent else { return }
        guard !dryRun else {
            Console.result("would remove \(stored.change.removed) elements from \(store.path)")
            return
        }
        do {
            Console.result(FirewalldSummary.removed(try store.remove(), from: store.path))
        } catch {
            throw CommandFailure(error.diagnostics + [.removedButStored(store.path)])
        }
    }

    private func removeKumactl(_ selection: BackendSelection) throws(CommandFailure) {
        do {
            let found = try selection.kumactlInstallations()
            guard !found.isEmpty else {
                Console.result("nothing of kumactl's to remove")
                return
            }
            for one in found {
                Console.result(one.lines.joined(separator: "\n"))
                if !dryRun { try one.remove() }
            }
            Console.note(dryRun ? "nothing was changed" : "removed")
        } catch {
            throw CommandFailure(error.diagnostic)
        }
    }
}
