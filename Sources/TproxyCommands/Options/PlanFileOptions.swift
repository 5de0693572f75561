import ArgumentParser
import Diagnostics
import HostFiles
import PersistenceFiles
import RuleIR
import TproxyConfig

/// Where a plan is kept.
struct PlanFileOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Also write the plan to this file, for 'tproxy apply --plan'.",
            discussion: "It holds the rules, what they were made from, and what is loaded now.",
            valueName: "file"))
    var outputFile: String?

    @Option(
        help: ArgumentHelp(
            "What is loaded where the plan will be applied.",
            discussion: """
                What 'tproxy status --output json' printed there, or 'none'. Without it this host is \
                asked, if the plan is for it and there is CAP_NET_ADMIN.
                """, valueName: "file|none"))
    var loaded: String?

    @Flag(help: "With --output-file, replace the file even if it is no plan.")
    var force = false

    func validate() throws {
        guard !force || outputFile != nil else {
            throw ValidationError("--force is for --output-file alone")
        }
        guard loaded == nil || outputFile != nil else {
            throw ValidationError("--loaded is for --output-file alone")
        }
    }

    /// Writes the file, if one is asked for.
    func write(
        _ plan: Plan, _ backend: BackendOptions, isForThisHost: Bool
    ) throws {
        guard let outputFile else { return }
        let refusals = plan.refusals(for: backend)
        guard refusals.isEmpty else { throw CommandFailure(refusals) }
        guard !plan.config.storeFirewalld.value else {
            throw CommandFailure(
                .planFileStoresNothing(at: plan.config.storeFirewalld.origin.location))
        }
        let selection = plan.backends
        let name = try selection.name(of: backend.choice(for: plan.config))
        let file = PlanFile(
            plan, backend: name, rulesDigest: try selection.digest(of: plan.ruleset, for: name),
            loaded: try record(plan.ruleset.instance, name, selection, isForThisHost))
        let text = try file.text()
        let target = HostFile(outputFile, limit: PlanFile.maximumSize, replacesOthers: force)
        do throws(HostFileUpdateError<WrittenFile.Refusal>) {
            try target.update(defaultMode: 0o644) { old throws(WrittenFile.Refusal) in
                if let old, !force { try PlanFile.check(old) }
                return Array(text.utf8)
            }
        } catch {
            switch error {
            case .file(let problem): throw CommandFailure(problem.diagnostic)
            case .refused(let refusal):
                throw CommandFailure(refusal.diagnostic(of: outputFile))
            }
        }
    }

    private func record(
        _ instance: InstanceName, _ name: BackendName, _ selection: BackendSelection,
        _ isForThisHost: Bool
    ) throws(CommandFailure) -> LoadedRecord {
        if let loaded { return try LoadedRecord(argument: loaded) }
        guard isForThisHost else {
            Console.report([.loadedNotRead(because: "the facts are another host's")])
            return .unknown
        }
        do throws(BackendError) {
            return LoadedRecord(try selection.backend(name).readBack(instance))
        } catch {
            guard case .missingCapability(let capability) = error else {
                throw CommandFailure(selection.diagnostic(of: error, from: name))
            }
            Console.report([.loadedNotRead(because: "reading it needs \(capability)")])
            return .unknown
        }
    }
}
