import RuleIR
import Rtnetlink

/// Our table in the kernel, as far as was looked: at its identity alone.
struct LoadedTable {
    let name: String
    let identity: Identity
    /// Whether the seal holds: nobody changed any rule since the table was made.
    let isSealed: Bool

    /// Nil when there is no such table; throws when it isn't ours.
    ///
    /// `generation` is the kernel's number before the look.
    init?(
        _ name: String, _ generation: UInt32?, in socket: borrowing MnlSocket
    ) throws(KernelFailure) {
        guard let comments = try socket.comments(of: Identity.setName, in: name) else {
            guard try socket.hasTable(name) else { return nil }
            // It may have been made between the two questions.
            guard try socket.generation() == generation else { throw .outdated }
            throw .final(.foreignObject(name: "table inet \(name)"))
        }
        guard let identity = Identity(comments) else {
            throw .final(.foreignObject(name: "table inet \(name)"))
        }
        self.name = name
        self.identity = identity
        let seal = Seal(socket).text(generation)
        isSealed = seal != nil && identity.record?.seal == seal
    }

    /// Reads the chains, the rules and what they counted; the elements of sets only without a seal.
    func described(_ socket: borrowing MnlSocket) throws(KernelFailure) -> InstalledRuleset {
        switch identity.form {
        case .listing:
            // A version before this one made it.
            return try KernelFailure.wrapping { () throws(BackendError) in
                try KernelSession().installed(name, as: identity)
            }
        case .table:
            let table = try socket.table(name)
            let isIntact = isSealed ? true : try isAsMade(table, socket)
            return InstalledRuleset(table, named: name, identity, isIntact: isIntact)
        }
    }

    /// Whether the table is what its identity says; reads all elements.
    private func isAsMade(
        _ table: KernelTable, _ socket: borrowing MnlSocket
    ) throws(KernelFailure) -> Bool {
        var sets: [String: SetForm] = [:]
        for set in table.sets where set.name != Identity.setName {
            sets[set.name] = try socket.form(of: set, in: name)
        }
        return TableForm(table, sets: sets).digest == identity.digest
    }
}
