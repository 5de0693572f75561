package import Diagnostics
import LinuxHost
import PersistenceFiles
import RuleIR
import TproxyConfig

/// Writes a plan to a file, to be reviewed and applied later.
package struct PlanFileWriting {
    /// The source of the loaded state where the plan will be applied.
    package enum Loaded {
        /// A file that `tproxy status --output json` wrote, or `none`.
        case argument(String)
        /// This host.
        case here
        /// Another host, which can't be read.
        case elsewhere
    }

    private let plan: Plan
    private let choice: BackendChoice
    private let loaded: Loaded

    /// Creates the operation; `choice` is the backend that will apply the plan.
    package init(_ plan: Plan, _ choice: BackendChoice, loaded: Loaded) {
        self.plan = plan
        self.choice = choice
        self.loaded = loaded
    }

    /// Writes the plan to `path`; refuses to replace a file that isn't a plan, unless `isForced`.
    ///
    /// `tell` receives the warnings before the file is written.
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
            case .file(let problem):
                throw OperationFailure(problem.diagnostic(whenWriting: true))
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
            guard case .missingCapability(let capability, _) = error else {
                throw OperationFailure(error.diagnostic(from: backend.name))
            }
            tell([.loadedNotRead(because: "reading it needs \(capability)")])
            return .unknown
        }
    }
}
