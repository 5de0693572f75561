import HostChange
import RuleIR
import Rtnetlink

/// Puts one table into the kernel: all of it, or what of it differs from what is loaded.
struct TableLoading {
    private let planned: PlannedTable
    private let alias: LoopbackAlias?
    private let sharesAlias: Bool
    private let version: String
    /// The address that was ours before the first attempt: an attempt whose answer was lost may have
    /// put in rules that don't know of it any more.
    private var former: LoopbackAlias?
    /// What an earlier transaction put in for rules that haven't followed.
    private var preparation: Preparation?
    private var detours = 0
    private var isDisturbed = false
    /// What tells that it was other tables alone that others changed; nil in the first attempt.
    private var watch: ChangeWatch?

    private struct Preparation {
        /// What the table said before; nil when there was none.
        var identity: Identity?
        var sets: [String]
    }

    /// `sharesAlias`: whether other rules of ours need the loopback address that these had.
    init(_ planned: PlannedTable, alias: LoopbackAlias?, sharesAlias: Bool, version: String) {
        self.planned = planned
        self.alias = alias
        self.sharesAlias = sharesAlias
        self.version = version
    }

    /// Looks at what is loaded and changes it in transactions, which are for just that.
    mutating func attempt() throws(KernelFailure) -> ApplyOutcome {
        var socket = try MnlSocket.toNetfilter()
        if isDisturbed {
            watch = try ChangeWatch(planned.table.name, of: socket)
            socket.isStrict = false
        }
        isDisturbed = true
        // First: whatever changes behind this, the kernel will notice.
        var generation = try socket.generation()
        let loaded = try LoadedTable(planned.table.name, generation, in: socket)
        if let watch { generation = try watch.follow(socket) }
        if let loaded, loaded.isOwned {
            throw .final(
                .refused(
                    reason: "another process owns the table inet \(loaded.name) (flags owner);"
                        + " end that process, or use another --instance", rule: nil))
        }
        former = loaded?.identity.ownedAlias ?? former
        let alias = try KernelFailure.wrapping {
            [former, wanted = self.alias, sharesAlias] () throws(BackendError) in
            try AliasChange(from: former, to: wanted, isShared: sharesAlias)
        }
        let outcome: ApplyOutcome
        do {
            let identity = identity(of: planned, alias.owned)
            if let loaded, let same = try unchanged(loaded, identity) {
                outcome = .unchanged(same)
            } else {
                let installed = try send(over: loaded, generation, alias.owned, socket)
                outcome =
                    loaded?.table.rules.isEmpty ?? true
                    ? .installed(installed) : .replaced(installed)
            }
        } catch {
            alias.rollBack()
            throw error
        }
        try KernelFailure.wrapping { () throws(BackendError) in try alias.commit() }
        preparation = nil
        socket.leaveOpen()
        return outcome
    }

    private func identity(of table: PlannedTable, _ owned: LoopbackAlias?) -> Identity {
        Identity(version: version, digest: table.digest, ownedAlias: owned)
    }

    /// What is loaded, if it is what is wanted.
    private func unchanged(
        _ loaded: LoadedTable, _ identity: Identity
    ) throws(KernelFailure) -> InstalledRuleset? {
        guard loaded.identity.isSame(as: identity) else { return nil }
        let installed = loaded.described()
        return installed.isIntact ? installed : nil
    }

    private mutating func send(
        over loaded: LoadedTable?, _ generation: UInt32?, _ owned: LoopbackAlias?,
        _ socket: borrowing MnlSocket
    ) throws(KernelFailure) -> InstalledRuleset {
        let conflicts = TableChange.conflicts(loaded, planned)
        guard conflicts.isEmpty else {
            return try sendByDetour(conflicts, over: loaded, generation, owned, socket)
        }
        return try send(planned, over: loaded, generation, owned, socket)
    }

    /// Loads rules that ask sets of other names; then those that are planned, whose names are free.
    private mutating func sendByDetour(
        _ conflicts: [String], over loaded: LoadedTable?, _ generation: UInt32?,
        _ owned: LoopbackAlias?, _ socket: borrowing MnlSocket
    ) throws(KernelFailure) -> InstalledRuleset {
        detours += 1
        // Once is enough, unless others go on changing what is ours.
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
        _ owned: LoopbackAlias?, _ socket: borrowing MnlSocket
    ) throws(KernelFailure) -> InstalledRuleset {
        let change = TableChange(from: loaded, to: target)
        let identity = identity(of: target, owned)
        var generation = generation
        var isNew = change.isNew
        if !change.prepared.isEmpty {
            var preparing = loaded?.identity ?? identity
            if loaded == nil { preparing.digest = "" }
            preparing.loading = Set(preparing.loading).union(change.prepared).sorted()
            var batch = NftBatch(generation: generation)
            batch.prepare(change, of: target, saying: preparing)
            batch.finish()
            // Before it is sent: should the answer be lost, it may be in all the same.
            if preparation == nil {
                preparation = Preparation(identity: loaded?.identity, sets: [])
            }
            preparation?.sets += change.prepared
            generation = try commit(batch, for: generation, socket)
            isNew = false
        }
        var batch = NftBatch(generation: generation)
        batch.perform(change, isNew: isNew, to: target, saying: identity)
        batch.finish()
        generation = try commit(batch, for: generation, socket)
        preparation = nil
        if change.wakes {
            var batch = NftBatch(generation: generation)
            batch.wake(table: target.table.name)
            batch.finish()
            _ = try commit(batch, for: generation, socket)
        }
        // Rules that stay have counted.
        guard !change.replacesRules, let loaded else {
            return InstalledRuleset(target.table, identity)
        }
        return InstalledRuleset(
            loaded.table, named: target.table.name, identity, isIntact: true)
    }

    /// Sends a transaction that is for rules of `generation`; the generation that it makes.
    ///
    /// Where others changed other tables meanwhile, it is for the rules that are there now, too.
    private func commit(
        _ batch: NftBatch, for generation: UInt32?, _ socket: borrowing MnlSocket
    ) throws(KernelFailure) -> UInt32? {
        var batch = batch
        var generation = generation
        var attempts = 0
        while true {
            do {
                try socket.commit(batch)
                return generation.map(Self.next)
            } catch {
                attempts += 1
                guard let watch, case .refused(let refusal) = error, refusal.isOutdated,
                    attempts < Self.mostAttempts
                else { throw error }
                let present = try watch.follow(socket)
                batch.move(to: present)
                generation = present
            }
        }
    }

    /// How often a transaction is sent again in one attempt; each takes about a millisecond.
    private static let mostAttempts = 1000

    /// The number that a change makes of the kernel's; it leaves 0 out.
    private static func next(_ generation: UInt32) -> UInt32 {
        generation == .max ? 1 : generation + 1
    }

    /// Takes out what was put in for rules that were refused in the end.
    ///
    /// Where that fails, the table says that the load was interrupted.
    mutating func undo() {
        guard let preparation else { return }
        self.preparation = nil
        var batch = NftBatch(generation: nil)
        if let identity = preparation.identity {
            batch.undo(preparation.sets, in: planned.table.name, saying: identity)
        } else {
            batch.delete(table: planned.table.name)
        }
        batch.finish()
        do throws(KernelFailure) {
            try MnlSocket.toNetfilter().commit(batch)
        } catch {
            return
        }
    }
}
