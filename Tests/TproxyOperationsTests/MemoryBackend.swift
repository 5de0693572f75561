import RuleIR
import Synchronization

/// The calls of backends in memory, in order.
final class Journal: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

/// A backend without a kernel, for operations that must work with any backend.
///
/// It can't list its rules.
struct MemoryBackend: Backend {
    /// The loaded ruleset, and the step that fails.
    final class State: Sendable {
        let installed = Mutex<InstalledRuleset?>(nil)
        let failingStep: String?
        /// Whether `remove` reports success and removes nothing.
        let keepsRules: Bool

        init(failingStep: String?, keepsRules: Bool) {
            self.failingStep = failingStep
            self.keepsRules = keepsRules
        }
    }

    let name: BackendName
    let journal: Journal
    private let state: State

    init(
        _ text: String, _ journal: Journal, loaded digest: String? = nil,
        failing step: String? = nil, keepsRules: Bool = false
    ) {
        name = BackendName(
            text, placement: .ownTable, holdsInstances: false, isAtomic: true, isOptional: false)
        self.journal = journal
        state = State(failingStep: step, keepsRules: keepsRules)
        if let digest { put(digest, with: []) }
    }

    private func put(_ digest: String, with prerequisites: [HostPrerequisite]) {
        state.installed.withLock {
            $0 = InstalledRuleset(
                name: "rules of \(name)", version: "0.0.1", digest: digest, isIntact: true,
                ownedPrerequisites: prerequisites, hooks: [], counters: [])
        }
    }

    private func step(_ step: String) throws(BackendError) {
        journal.add("\(name) \(step)")
        guard state.failingStep != step else {
            throw .failed(operation: step, reason: "it is told to")
        }
    }

    func emit(_ ruleset: Ruleset) throws(RulesetProblem) -> Int { ruleset.locatedRules.count }

    func digest(of ruleset: Ruleset) throws(RulesetProblem) -> String { "planned" }

    func apply(
        _ ruleset: Ruleset, sharing shared: SharedPrerequisites
    ) throws(BackendError) -> ApplyOutcome {
        try step("apply")
        let former = state.installed.withLock { $0 }
        // With an address, so that none is looked for on this host when a move is done.
        put("planned", with: LoopbackAddress(token: "::6@lo").map { [.address($0)] } ?? [])
        guard let now = try installed(ruleset.instance) else {
            throw .failed(operation: "apply", reason: "nothing is there")
        }
        return ApplyOutcome(former == nil ? .installed : .replaced, now)
    }

    func remove(
        _ instance: InstanceName, sharing shared: SharedPrerequisites
    ) throws(BackendError) -> RemoveOutcome {
        try step("remove")
        guard let former = state.installed.withLock({ $0 }) else { return .nothingInstalled }
        if !state.keepsRules { state.installed.withLock { $0 = nil } }
        return .removed(former, undone: [])
    }

    func installed(_ instance: InstanceName) throws(BackendError) -> InstalledRuleset? {
        state.installed.withLock { $0 }
    }
}

/// The same backend, with a listing.
struct ListingMemoryBackend: ListingBackend {
    let base: MemoryBackend

    var name: BackendName { base.name }

    func emit(_ ruleset: Ruleset) throws(RulesetProblem) -> Int { try base.emit(ruleset) }

    func digest(of ruleset: Ruleset) throws(RulesetProblem) -> String {
        try base.digest(of: ruleset)
    }

    func apply(
        _ ruleset: Ruleset, sharing shared: SharedPrerequisites
    ) throws(BackendError) -> ApplyOutcome {
        try base.apply(ruleset, sharing: shared)
    }

    func remove(
        _ instance: InstanceName, sharing shared: SharedPrerequisites
    ) throws(BackendError) -> RemoveOutcome {
        try base.remove(instance, sharing: shared)
    }

    func installed(_ instance: InstanceName) throws(BackendError) -> InstalledRuleset? {
        try base.installed(instance)
    }

    func readBack(_ instance: InstanceName) throws(BackendError) -> LoadedRules? {
        base.journal.add("\(name) list")
        return try base.installed(instance).map {
            LoadedRules(installed: $0, rules: ListedRules([]))
        }
    }

    func expectedRules(_ ruleset: Ruleset) throws(RulesetProblem) -> ListedRules { ListedRules([]) }
}
