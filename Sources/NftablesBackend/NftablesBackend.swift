import HostChange
package import RuleIR
import Rtnetlink

/// Loads rulesets natively, through libnftables, into the calling thread's network namespace.
///
/// One table, `inet tproxy_<instance>`, replaced in one transaction: at no moment is there half of
/// it, or none. Nothing else is named. Needs CAP_NET_ADMIN, and Linux 5.6 with nf_tables.
package struct NftablesBackend: Backend {
    private let version: String
    private let retry: RetryPolicy

    /// `version` is kept beside the rules in the kernel.
    package init(version: String, retry: RetryPolicy = RetryPolicy()) {
        self.version = version
        self.retry = retry
    }

    package func emit(_ ruleset: Ruleset) throws(RulesetProblem) -> NftablesEmitter.Output {
        try NftablesEmitter(version: version).emit(ruleset)
    }

    package func apply(_ ruleset: Ruleset) throws(BackendError) -> ApplyOutcome {
        do {
            try ruleset.check()
        } catch {
            throw .invalidRuleset(error)
        }
        return try load(NftTable(ruleset), alias: ruleset.loopbackAlias)
    }

    package func remove(_ instance: InstanceName) throws(BackendError) -> RemoveOutcome {
        try Privilege.check()
        return try NamespaceLock.holding(retry) { () throws(BackendError) in
            let name = "tproxy_\(instance)"
            guard let (installed, identity) = try find(name, in: KernelSession()) else {
                return .nothingInstalled
            }
            let alias = identity.ownedAlias
            // First, since nobody would know whose it is when the rules are gone.
            let isReleased =
                try alias.map { alias throws(BackendError) in try alias.release() } ?? false
            try delete(name)
            return .removed(installed, releasedAlias: isReleased ? alias : nil)
        }
    }

    private func delete(_ name: String) throws(BackendError) {
        let socket = try Self.opened()
        try retry.attempting { () throws(BackendError) -> RetryPolicy.Attempt<Void> in
            var batch = NftBatch(generation: nil)
            batch.delete(table: name)
            batch.finish()
            do throws(Refusal) {
                try socket.commit(batch)
            } catch {
                if error.isPassing { return .passing(error) }
                // Gone is what was asked for.
                if !error.isAbsence { throw error.asBackendError }
            }
            return .done(())
        }
    }

    package func installed(_ instance: InstanceName) throws(BackendError) -> InstalledRuleset? {
        try Privilege.check()
        return try find("tproxy_\(instance)", in: KernelSession())?.installed
    }

    package func readBack(_ instance: InstanceName) throws(BackendError) -> LoadedRules? {
        try Privilege.check()
        guard let listing = try KernelSession().list("tproxy_\(instance)") else { return nil }
        return LoadedRules(
            installed: try listing.identity.map { identity throws(BackendError) in
                try describe(listing, as: identity)
            },
            rules: FoundRules(ListingReader(listing.objects).tables))
    }

    package func foreseen(_ ruleset: Ruleset) throws(RulesetProblem) -> FoundRules {
        try ruleset.check()
        return FoundRules(ListingReader(NftTable(ruleset).objects).tables)
    }

    /// Puts `table` into the kernel; `apply` without the checks of the IR.
    func load(
        _ table: NftTable, alias wanted: LoopbackAlias?
    ) throws(BackendError) -> ApplyOutcome {
        try Privilege.check()
        let digest = try Self.digest(of: table)
        return try NamespaceLock.holding(retry) { () throws(BackendError) in
            let socket = try Self.opened()
            return try retry.attempting { () throws(BackendError) in
                try attempt(table, digest: digest, alias: wanted, socket)
            }
        }
    }

    private func attempt(
        _ table: NftTable, digest: String, alias wanted: LoopbackAlias?,
        _ socket: borrowing MnlSocket
    ) throws(BackendError) -> RetryPolicy.Attempt<ApplyOutcome> {
        // First: the transaction is for what is looked at behind this.
        let generation = try Self.generation(socket)
        let loaded = try find(table.name, in: KernelSession())
        let alias = try AliasChange(from: loaded?.identity.ownedAlias, to: wanted)
        let identity = Identity(version: version, digest: digest, ownedAlias: alias.owned)
        if let loaded, loaded.installed.isIntact, loaded.identity == identity {
            try alias.commit()
            return .done(.unchanged(loaded.installed))
        }
        var batch = NftBatch(generation: generation)
        if loaded != nil { batch.delete(table: table.name) }
        batch.add(table.carrying(identity))
        batch.finish()
        do throws(Refusal) {
            try socket.commit(batch)
        } catch {
            alias.rollBack()
            if error.isPassing { return .passing(error) }
            throw error.asBackendError
        }
        try alias.commit()
        let installed = InstalledRuleset(table, identity)
        return .done(loaded == nil ? .installed(installed) : .replaced(installed))
    }

    private static func opened() throws(BackendError) -> MnlSocket {
        do {
            return try MnlSocket(.netfilter)
        } catch {
            throw Refusal(error).asBackendError
        }
    }

    private static func generation(
        _ socket: borrowing MnlSocket
    ) throws(BackendError) -> UInt32? {
        do {
            return try RulesetGeneration.current(socket)
        } catch {
            throw Refusal(error).asBackendError
        }
    }

    /// What is loaded under our name; throws when something else is.
    private func find(
        _ name: String, in session: borrowing KernelSession
    ) throws(BackendError) -> (installed: InstalledRuleset, identity: Identity)? {
        guard let listing = try session.list(name) else { return nil }
        guard let identity = listing.identity else {
            throw .foreignObject(name: "table inet \(name)")
        }
        return (try describe(listing, as: identity), identity)
    }

    private func describe(
        _ listing: Listing, as identity: Identity
    ) throws(BackendError) -> InstalledRuleset {
        do {
            return try listing.installed(as: identity)
        } catch {
            throw .failed(operation: "reading the rules back", reason: error.reason)
        }
    }

    private static func digest(of table: NftTable) throws(BackendError) -> String {
        do {
            return try NormalForm(table.objects).digest()
        } catch {
            throw .failed(operation: "writing the rules down", reason: error.reason)
        }
    }
}
