package import Diagnostics
import LinuxHost
import PersistenceFiles
import RuleIR
import TproxyConfig

/// A plan that is written down, to be reviewed and applied later.
package struct PlanFileWriting {
    /// What is loaded where the plan will be applied.
    package enum Loaded {
        /// What `tproxy status --output json` wrote into this file, or `none`.
        case argument(String)
        /// What this host has.
        case here
        /// The facts are another host's, of which nobody can tell.
        case elsewhere
    }

    private let plan: Plan
    private let choice: BackendChoice
    private let loaded: Loaded

    /// `choice` is the backend that will apply it.
    package init(_ plan: Plan, _ choice: BackendChoice, loaded: Loaded) {
        self.plan = plan
        self.choice = choice
        self.loaded = loaded
    }

    /// Writes it to `path`, unless something is there that is no plan; with `isForced`, in its place.
    ///
    /// Tells what the user should know before the file is there.
    package func write(
        to path: String, isForced: Bool, tell: ([Diagnostic]) -> Void
    ) throws(OperationFailure) {
        let refusals = plan.refusals(for: choice)
        guard refusals.isEmpty else { throw OperationFailure(refusals) }
        guard !plan.config.storeFirewalld.value else {
            throw OperationFailure(
                .planFileStoresNothing(at: plan.config.storeFirewalld.origin.location))
        }
        let selection = plan.backends
        let backend = try selection.backend(of: choice)
        let file = PlanFile(
            plan, backend: backend.name,
            rulesDigest: try backend.validDigest(of: plan.ruleset),
            loaded: try record(backend, tell))
        let text = try file.text()
        let target = HostFile(path, limit: PlanFile.maximumSize, replacesOthers: isForced)
        do throws(HostFileUpdateError<WrittenFile.Refusal>) {
            try target.update(defaultMode: 0o644) { old throws(WrittenFile.Refusal) in
                if let old, !isForced { try PlanFile.check(old) }
                return Array(text.utf8)
            }
        } catch {
            switch error {
            case .file(let problem): throw OperationFailure(problem.diagnostic)
            case .refused(let refusal): throw OperationFailure(refusal.diagnostic(of: path))
            }
        }
    }

    private func record(
        _ backend: any Backend, _ tell: ([Diagnostic]) -> Void
    ) throws(OperationFailure) -> LoadedRecord {
        switch loaded {
        case .argument(let text): return try LoadedRecord(argument: text)
        case .elsewhere:
            tell([.loadedNotRead(because: "the facts are another host's")])
            return .unknown
        case .here: break
        }
        do throws(BackendError) {
            let instance = plan.ruleset.instance
            guard let lister = backend.lister else {
                return LoadedRecord(installed: try backend.installed(instance))
            }
            return LoadedRecord(try lister.readBack(instance))
        } catch {
            guard case .missingCapability(let capability) = error else {
                throw OperationFailure(error.diagnostic(from: backend.name))
            }
            tell([.loadedNotRead(because: "reading it needs \(capability)")])
            return .unknown
        }
    }
}
