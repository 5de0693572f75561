import LinuxHost
import Netlink
package import RuleIR

/// Loads rulesets into nf_tables and reads them back, in the calling thread's network namespace.
///
/// libnftables or netlink messages submit them (`SubmissionChoice`); they are read over netlink
/// only.
///
/// A ruleset is one table, `inet tproxy_<instance>`, whose rules are replaced in one transaction:
/// at no moment are they incomplete or missing. A new interval set is loaded by an earlier
/// transaction. No other table is changed. Needs CAP_NET_ADMIN, and Linux 5.6 with nf_tables.
package struct NftablesBackend: ListingBackend {
    package let name = BackendName.nft
    private let version: String
    let retry: RetryPolicy
    private let submission: Submission?
    private let planned = PlannedTables()
    private let loaded = LoadedTables()

    /// Creates a backend.
    ///
    /// `version` is stored in the identity. `submission` forces a submission; with nil,
    /// `SubmissionChoice` decides.
    package init(
        version: String, retry: RetryPolicy = RetryPolicy(), submission: Submission? = nil
    ) {
        self.version = version
        self.retry = retry
        self.submission = submission
    }

    package func emit(_ ruleset: Ruleset) throws(RulesetProblem) -> NftablesEmitter.Output {
        try NftablesEmitter(version: version).emit(ruleset)
    }

    package func apply(
        _ ruleset: Ruleset, sharing shared: SharedPrerequisites
    ) throws(BackendError) -> ApplyOutcome {
        try load(table(of: ruleset), with: ruleset.prerequisites, sharing: shared)
    }

    package func digest(of ruleset: Ruleset) throws(RulesetProblem) -> String {
        try planned.table(of: ruleset).digest
    }

    package func remove(
        _ instance: InstanceName, sharing shared: SharedPrerequisites
    ) throws(BackendError) -> RemoveOutcome {
        try Privilege.check()
        return try NamespaceLock.holding(retry) { () throws(BackendError) in
            let name = "tproxy_\(instance)"
            guard let (loaded, installed) = try find(name) else { return .nothingInstalled }
            // This precedes the removal of rules: if it fails, the host is unchanged.
            let change = try PrerequisiteChange(
                undoing: loaded.identity.ownedPrerequisites, sharing: shared)
            do throws(BackendError) {
                try delete(name)
            } catch {
                change.rollBack()
                throw error
            }
            return .removed(installed, undone: change.undone)
        }
    }

    package func installed(_ instance: InstanceName) throws(BackendError) -> InstalledRuleset? {
        try Privilege.check(toRead: true)
        return try find("tproxy_\(instance)")?.installed
    }

    package func readBack(_ instance: InstanceName) throws(BackendError) -> LoadedRules? {
        try Privilege.check(toRead: true)
        let name = "tproxy_\(instance)"
        return try retry.reading(name) { socket throws(KernelFailure) in
            guard try socket.isWithNfTables() else { return nil }
            return try LoadedRules(ofTable: name, in: socket, loaded)
        }
    }

    package func plannedAndLoaded(_ planned: Ruleset) throws(BackendError) -> PlannedAndLoaded {
        try Privilege.check(toRead: true)
        let table = try table(of: planned)
        let reading = IncrementalReader(table, loaded)
        do {
            let near = try retry.reading(table.table.name) { socket throws(KernelFailure) in
                try reading.rules(socket)
            }
            if let near { return near }
        } catch {
            // A foreign table can still be read.
            guard case .foreignObject = error else { throw error }
        }
        return PlannedAndLoaded(
            planned: ListedRules(table.table), loaded: try readBack(planned.instance))
    }

    package func expectedRules(_ ruleset: Ruleset) throws(RulesetProblem) -> ListedRules {
        ListedRules(try planned.table(of: ruleset).table)
    }

    /// Returns the libnftables-json(5) document that turns the loaded table into the planned one.
    ///
    /// It has no commands if both are equal. `apply` submits it through libnftables, with new
    /// interval sets before the rest.
    package func changeDocument(to planned: Ruleset) throws(BackendError) -> String {
        try Privilege.check(toRead: true)
        let table = try table(of: planned)
        let identity = Identity(
            version: version, digest: table.digest, ownedPrerequisites: planned.prerequisites)
        let loaded = try find(table.table.name)
        if let loaded, loaded.installed.isIntact, loaded.loaded.identity.isSame(as: identity) {
            return NftDocument().finished()
        }
        return TableTransaction.whole(from: loaded?.loaded, to: table, saying: identity).document
            ?? ""
    }

    private func table(of ruleset: Ruleset) throws(BackendError) -> PlannedTable {
        do {
            return try planned.table(of: ruleset)
        } catch {
            throw .invalidRuleset(error)
        }
    }

    /// Loads `table`, as `apply` does but without the checks of the IR.
    func load(
        _ table: PlannedTable, with prerequisites: [HostPrerequisite],
        sharing shared: SharedPrerequisites = .none
    ) throws(BackendError) -> ApplyOutcome {
        try Privilege.check()
        var loading = TableLoading(
            table, with: prerequisites, sharing: shared, version: version,
            submission: submission, reading: loaded)
        return try NamespaceLock.holding(retry) { () throws(BackendError) in
            do throws(BackendError) {
                return try retry.attempting { () throws(KernelFailure) in try loading.attempt() }
            } catch {
                loading.undo()
                throw error
            }
        }
    }

    /// Reads the table of this name; throws if it isn't ours.
    private func find(
        _ name: String
    ) throws(BackendError) -> (loaded: LoadedTable, installed: InstalledRuleset)? {
        try retry.reading(name) { socket throws(KernelFailure) in
            guard try socket.isWithNfTables() else { return nil }
            guard let table = try loaded.read(name, in: socket) else { return nil }
            return (table, table.described())
        }
    }

    func delete(_ name: String) throws(BackendError) {
        try retry.attempting { () throws(KernelFailure) in
            do throws(KernelFailure) {
                let socket = try MnlSocket.toNetfilter()
                var submission = TableSubmission(.netlink)
                _ = try submission.commit(.delete(table: name), for: nil, over: socket)
                socket.closeLater()
            } catch {
                // A table that is gone meets the request.
                let socket = try MnlSocket.toNetfilter()
                guard error.isAbsence,
                    try LoadedTable(name, try socket.generation(), in: socket) == nil
                else { throw error }
            }
        }
    }
}

extension BackendName {
    package static let nft = BackendName(
        "nft", placement: .ownTable, holdsInstances: true, isAtomic: true, isOptional: false)
}
