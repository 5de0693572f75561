import LinuxHost
import Netlink
package import RuleIR

extension NftablesBackend: RestoringBackend {
    package func snapshot(of instance: InstanceName) throws(BackendError) -> RulesSnapshot {
        try Privilege.check(toRead: true)
        let name = "tproxy_\(instance)"
        return try retry.attempting { () throws(KernelFailure) in
            let socket = try MnlSocket.toNetfilter()
            guard try socket.isWithNfTables(),
                let table = try TableSnapshot(name, in: socket)
            else { return RulesSnapshot(bytes: [], holdsRules: false) }
            try table.checkIsTaken(by: socket)
            return RulesSnapshot(bytes: table.bytes, holdsRules: true)
        }
    }

    package func restore(
        _ snapshot: RulesSnapshot, of instance: InstanceName
    ) throws(BackendError) -> RestoreOutcome {
        try Privilege.check()
        let name = "tproxy_\(instance)"
        return try NamespaceLock.holding(retry) { () throws(BackendError) in
            guard snapshot.holdsRules else {
                let isLoaded = try retry.attempting { () throws(KernelFailure) in
                    let socket = try MnlSocket.toNetfilter()
                    guard try socket.isWithNfTables() else { return false }
                    return try socket.identity(ofTable: name, socket.generation()) != nil
                }
                guard isLoaded else { return .unchanged }
                try delete(name)
                return .restored
            }
            guard let former = TableSnapshot(bytes: snapshot.bytes), former.name == name else {
                throw .failed(
                    operation: "restoring table inet \(name)", reason: "its record is damaged")
            }
            var isChanged = false
            try retry.attempting { () throws(KernelFailure) in
                if try former.restore() { isChanged = true }
            }
            return isChanged ? .restored : .unchanged
        }
    }
}

extension TableSnapshot {
    /// Throws `unsupported` if the kernel refuses to make the table again; changes nothing.
    fileprivate func checkIsTaken(by socket: borrowing MnlSocket) throws(KernelFailure) {
        var batch = NftBatch(generation: nil)
        TableRestoration(from: self, to: self).replace(&batch)
        batch.finishForCheck()
        do throws(KernelFailure) {
            try socket.commit(batch)
        } catch {
            guard case .refused(let refusal) = error, !refusal.isTemporary else { throw error }
            throw .final(
                .unsupported(
                    feature: "making table inet \(name) again as it is: \(refusal.reason)",
                    remedy: "delete what was added to it, or apply without --confirm"))
        }
    }

    /// Makes one attempt to restore the table; returns whether it changed anything.
    fileprivate func restore() throws(KernelFailure) -> Bool {
        let socket = try MnlSocket.toNetfilter()
        var generation = try socket.generation()
        let now = try TableSnapshot(name, in: socket)
        let restoration = TableRestoration(from: now, to: self)
        guard !restoration.isNothing else { return false }
        if !restoration.isInOneStep {
            let comments = try socket.comments(of: Identity.setName, in: name) ?? []
            let identity =
                Identity(comments)
                ?? Identity(version: "", digest: "", ownedPrerequisites: [])
            try socket.commit(for: &generation) { restoration.prepare(&$0, saying: identity) }
        }
        do throws(KernelFailure) {
            try socket.commit(for: &generation, restoration.perform)
        } catch {
            // Others may have added objects that hold ours.
            guard case .refused(let refusal) = error, !refusal.isTemporary else { throw error }
            let loaded = try TableSnapshot(name, in: socket)
            try socket.commit(
                for: &generation, TableRestoration(from: loaded, to: self).replace)
            socket.closeLater()
            return true
        }
        if restoration.hasOtherFlags {
            try socket.commit(for: &generation, restoration.setFlags)
        }
        socket.closeLater()
        return true
    }
}

extension MnlSocket {
    /// Makes a transaction for `generation`, which becomes the one that it creates.
    fileprivate func commit(
        for generation: inout UInt32?, _ write: (inout NftBatch) -> Void
    ) throws(KernelFailure) {
        var batch = NftBatch(generation: generation)
        write(&batch)
        batch.finish()
        try commit(batch)
        generation = generation.map(TableSubmission.next)
    }
}
