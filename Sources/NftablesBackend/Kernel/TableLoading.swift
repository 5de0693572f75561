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

    /// `sharesAlias`: whether other rules of ours need the loopback address that these had.
    init(_ planned: PlannedTable, alias: LoopbackAlias?, sharesAlias: Bool, version: String) {
        self.planned = planned
        self.alias = alias
        self.sharesAlias = sharesAlias
        self.version = version
    }

    private var table: NftTable { planned.table }
    private var form: TableForm { planned.form }

    /// Looks at what is loaded and changes it in one transaction, which is for just that.
    mutating func attempt() throws(KernelFailure) -> ApplyOutcome {
        let socket = try MnlSocket.toNetfilter()
        // First: whatever changes behind this, the kernel will notice.
        let generation = try socket.generation()
        let loaded = try LoadedTable(table.name, generation, in: socket)
        former = loaded?.identity.ownedAlias ?? former
        let alias = try KernelFailure.wrapping {
            [former, wanted = self.alias, sharesAlias] () throws(BackendError) in
            try AliasChange(from: former, to: wanted, isShared: sharesAlias)
        }
        let identity = Identity(
            version: version, digest: planned.digest, ownedAlias: alias.owned,
            record: planned.record(seal: Seal(socket).text(Seal.next(generation))))
        let outcome: ApplyOutcome
        do {
            if let same = try unchanged(loaded, identity, socket) {
                outcome = .unchanged(same)
            } else {
                let installed = try send(identity, over: loaded, generation, socket)
                outcome = loaded == nil ? .installed(installed) : .replaced(installed)
            }
        } catch {
            alias.rollBack()
            throw error
        }
        try KernelFailure.wrapping { () throws(BackendError) in try alias.commit() }
        socket.leaveOpen()
        return outcome
    }

    /// What is loaded, if it is what is wanted.
    private func unchanged(
        _ loaded: LoadedTable?, _ identity: Identity, _ socket: borrowing MnlSocket
    ) throws(KernelFailure) -> InstalledRuleset? {
        guard let loaded, loaded.identity.isSame(as: identity) else { return nil }
        let installed = try loaded.described(socket)
        return installed.isIntact ? installed : nil
    }

    private func send(
        _ identity: Identity, over loaded: LoadedTable?, _ generation: UInt32?,
        _ socket: borrowing MnlSocket
    ) throws(KernelFailure) -> InstalledRuleset {
        if let loaded, loaded.isSealed, let record = loaded.identity.record,
            let wanted = identity.record,
            case .parts(let replacesChains, let changes) = TableChange(from: record, to: wanted)
        {
            do {
                return try send(
                    changes, replacesChains: replacesChains, identity, generation, socket)
            } catch {
                // Whatever the kernel has against the parts, it may take the whole.
                guard case .refused(let refusal) = error, !refusal.isPassing else { throw error }
            }
        }
        var batch = NftBatch(generation: generation)
        if loaded != nil { batch.delete(table: table.name) }
        batch.add(table.carrying(identity), form)
        batch.finish()
        try socket.commit(batch)
        return InstalledRuleset(table, identity)
    }

    private func send(
        _ changes: [TableChange.SetChange], replacesChains: Bool, _ identity: Identity,
        _ generation: UInt32?, _ socket: borrowing MnlSocket
    ) throws(KernelFailure) -> InstalledRuleset {
        // Rules that stay have counted.
        let old = try socket.table(table.name)
        var batch = NftBatch(generation: generation)
        batch.change(
            to: table.carrying(identity), form,
            replacing: replacesChains ? old.chains.map(\.name) : nil, changes)
        batch.finish()
        try socket.commit(batch)
        return replacesChains
            ? InstalledRuleset(table, identity)
            : InstalledRuleset(old, named: table.name, identity, isIntact: true)
    }
}
