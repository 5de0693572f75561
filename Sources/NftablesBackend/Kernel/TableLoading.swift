import LinuxHost
import Netlink
import RuleIR

/// Loads one table as a whole, or only its difference to the loaded table.
struct TableLoading {
    private let planned: PlannedTable
    private let prerequisites: [HostPrerequisite]
    private let shared: SharedPrerequisites
    private let version: String
    private let tables: LoadedTables
    /// The prerequisites that an attempt found to be ours.
    ///
    /// An attempt whose answer was lost may have loaded rules that no longer record them.
    private var former: Set<HostPrerequisite> = []
    /// The sets that an earlier transaction loaded for rules that aren't loaded yet.
    private var preparation: Preparation?
    private var detours = 0
    private let forced: Submission?
    /// The submission in use; it stays netlink once libnftables has failed.
    private var submission: TableSubmission?
    /// Whether an attempt has changed rules: a later one may find nothing to change.
    private var hasChanged = false
    /// Whether rules of ours were loaded before this run changed anything; nil before the first
    /// reading.
    private var replacesRules: Bool?
    private var isDisturbed = false
    /// Tells whether only other tables changed; nil in the first attempt.
    private var watch: ChangeWatch?

    private struct Preparation {
        /// The identity before the change; nil if there was no table.
        var identity: Identity?
        var sets: [String]
    }

    /// Creates the operation.
    ///
    /// `shared` are the prerequisites of former rules that stay. `forced` is the submission; nil
    /// leaves it to `SubmissionChoice`. `tables` may know the loaded table.
    init(
        _ planned: PlannedTable, with prerequisites: [HostPrerequisite],
        sharing shared: SharedPrerequisites, version: String, submission forced: Submission?,
        reading tables: LoadedTables
    ) {
        self.forced = forced
        self.planned = planned
        self.prerequisites = prerequisites
        self.shared = shared
        self.version = version
        self.tables = tables
    }

    /// Reads the loaded table and changes it, in transactions for the generation that was read.
    mutating func attempt() throws(KernelFailure) -> ApplyOutcome {
        var socket = try MnlSocket.toNetfilter()
        if isDisturbed {
            watch = try ChangeWatch(planned.table.name, of: socket)
            socket.isStrict = false
        }
        isDisturbed = true
        // Read first, so that the kernel refuses a transaction after any later change.
        var generation = try socket.generation()
        let loaded = try tables.current(planned.table.name, generation, in: socket)
        if let watch { generation = try watch.follow(socket) }
        if let loaded, loaded.isOwned {
            throw .final(
                .refused(
                    reason: "another process owns the table inet \(loaded.name) (flags owner);"
                        + " end that process, or use another --instance", rule: nil))
        }
        // A later attempt may read what an earlier one has loaded.
        let replacesRules = replacesRules ?? !(loaded?.table.rules.isEmpty ?? true)
        self.replacesRules = replacesRules
        former.formUnion(loaded?.identity.ownedPrerequisites ?? [])
        let change = try KernelFailure.wrapping {
            [former = former.sorted(), prerequisites, shared] () throws(BackendError) in
            try PrerequisiteChange(from: former, to: prerequisites, sharing: shared)
        }
        let isChanged: Bool
        let installed: InstalledRuleset
        do {
            let identity = identity(of: planned, change.owned)
            if let loaded, let same = try unchanged(loaded, identity) {
                installed = same
                isChanged = hasChanged
            } else {
                installed = try send(over: loaded, generation, change.owned, socket)
                isChanged = true
            }
        } catch {
            change.rollBack()
            throw error
        }
        try KernelFailure.wrapping { () throws(BackendError) in try change.commit() }
        preparation = nil
        socket.closeLater()
        return ApplyOutcome(
            isChanged ? (replacesRules ? .replaced : .installed) : .unchanged, installed,
            fallback: submission?.fallback, made: change.made)
    }

    private func identity(of table: PlannedTable, _ owned: [HostPrerequisite]) -> Identity {
        var identity = Identity(
            version: version, digest: table.digest, ownedPrerequisites: owned)
        identity.loadedAt = LoadClock.now
        return identity
    }

    /// Returns the loaded ruleset if it already equals the planned one.
    private func unchanged(
        _ loaded: LoadedTable, _ identity: Identity
    ) throws(KernelFailure) -> InstalledRuleset? {
        guard loaded.identity.isSame(as: identity) else { return nil }
        let installed = loaded.described()
        return installed.isIntact ? installed : nil
    }

    private mutating func send(
        over loaded: LoadedTable?, _ generation: UInt32?, _ owned: [HostPrerequisite],
        _ socket: borrowing MnlSocket
    ) throws(KernelFailure) -> InstalledRuleset {
        let conflicts = TableChange.conflicts(loaded, planned)
        guard conflicts.isEmpty else {
            return try sendByDetour(conflicts, over: loaded, generation, owned, socket)
        }
        return try send(planned, over: loaded, generation, owned, socket)
    }

    /// Loads rules with renamed sets, then the planned ones, whose set names are free by then.
    private mutating func sendByDetour(
        _ conflicts: [String], over loaded: LoadedTable?, _ generation: UInt32?,
        _ owned: [HostPrerequisite], _ socket: borrowing MnlSocket
    ) throws(KernelFailure) -> InstalledRuleset {
        detours += 1
        // Once is enough, unless other programs keep changing our table.
        guard detours <= 2 else { throw .outdated }
        let taken = loaded?.sets.keys.map(\.self) ?? []
        let other = planned.renaming(conflicts, avoiding: Set(taken))
        _ = try send(other, over: loaded, generation, owned, socket)
        let generation = try socket.generation()
        return try send(
            over: LoadedTable(planned.table.name, generation, in: socket), generation, owned,
            socket)
    }

    private mutating func send(
        _ target: PlannedTable, over loaded: LoadedTable?, _ generation: UInt32?,
        _ owned: [HostPrerequisite], _ socket: borrowing MnlSocket
    ) throws(KernelFailure) -> InstalledRuleset {
        let change = TableChange(from: loaded, to: target)
        var identity = identity(of: target, owned)
        var generation = generation
        var isNew = change.isNew
        var submission: TableSubmission
        if let known = self.submission {
            submission = known
        } else {
            submission = TableSubmission(
                try SubmissionChoice.submission(
                    forced, from: loaded, to: target, in: socket))
        }
        if watch != nil {
            submission.useNetlink(because: "other programs kept changing nf_tables")
        }
        defer { self.submission = submission }
        if !change.prepared.isEmpty {
            var preparing = loaded?.identity ?? identity
            if loaded == nil { preparing.digest = "" }
            preparing.loading = Set(preparing.loading).union(change.prepared).sorted()
            // Record this before sending: if the answer is lost, the sets may be loaded
            // nevertheless.
            if preparation == nil {
                preparation = Preparation(identity: loaded?.identity, sets: [])
            }
            preparation?.sets += change.prepared
            generation = try submission.commit(
                .prepare(change, target, preparing), for: generation, over: socket, watch)
            isNew = false
        }
        do throws(KernelFailure) {
            generation = try submission.commit(
                .perform(change, isNew: isNew, target, identity), for: generation, over: socket,
                watch)
        } catch {
            hasChanged = hasChanged || submission.mayHaveChanged
            throw error
        }
        hasChanged = true
        preparation = nil
        if change.wakes {
            _ = try submission.commit(
                .wake(table: target.table.name), for: generation, over: socket, watch)
        }
        identity.submission = submission.submission
        // Rules that stay keep their counters.
        return if !change.replacesRules, let loaded {
            InstalledRuleset(loaded.table, named: target.table.name, identity, isIntact: true)
        } else {
            InstalledRuleset(target.table, identity)
        }
    }

    /// Deletes the sets that were loaded for rules that the kernel then refused.
    ///
    /// If that fails, the identity still records that the load was interrupted.
    mutating func undo() {
        guard let preparation else { return }
        self.preparation = nil
        let table = planned.table.name
        let transaction: TableTransaction =
            preparation.identity.map { .undo(sets: preparation.sets, table: table, $0) }
            ?? .delete(table: table)
        do throws(KernelFailure) {
            var submission = TableSubmission(.netlink)
            _ = try submission.commit(transaction, for: nil, over: MnlSocket.toNetfilter())
        } catch {
            return
        }
    }
}
