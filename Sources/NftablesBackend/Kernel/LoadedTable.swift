import CMnl
import Netlink
import RuleIR

/// Our table in the kernel: all of it.
struct LoadedTable {
    let name: String
    let identity: Identity
    let table: KernelTable
    /// All sets but the identity.
    let sets: [String: CanonicalSet]

    /// What the table comes to, with sets that were loaded for other rules left out.
    var form: CanonicalTable {
        CanonicalTable(table, sets: sets.filter { !identity.loading.contains($0.key) })
    }

    var isDormant: Bool { table.flags & NFT_TABLE_F_DORMANT.rawValue != 0 }

    /// Whether a process has the table for itself (`flags owner`), so that nobody else may change it.
    var isOwned: Bool { table.flags & ~NFT_TABLE_F_DORMANT.rawValue != 0 }

    /// The chains, the rules and what they counted, and whether all is as it was made.
    func described() -> InstalledRuleset {
        let isIntact = identity.isWhole && form.digest == identity.digest
        var installed = InstalledRuleset(table, named: name, identity, isIntact: isIntact)
        if isDormant { installed.irregularity = .dormant }
        if isOwned { installed.irregularity = .owned }
        if !identity.loading.isEmpty { installed.irregularity = .interruptedLoad }
        if installed.irregularity != nil { installed.isIntact = false }
        return installed
    }
}

extension LoadedTable {
    /// Nil when there is no such table; throws when it isn't ours.
    ///
    /// `generation` is the kernel's number before the look.
    init?(
        _ name: String, _ generation: UInt32?, in socket: borrowing MnlSocket
    ) throws(KernelFailure) {
        guard let comments = try socket.comments(of: Identity.setName, in: name) else {
            guard try socket.flags(ofTable: name) != nil else { return nil }
            // It may have been made between the two questions.
            guard try socket.generation() == generation else { throw .outdated }
            throw .final(.foreignObject(name: "table inet \(name)"))
        }
        guard let identity = Identity(comments) else {
            throw .final(.foreignObject(name: "table inet \(name)"))
        }
        self.name = name
        self.identity = identity
        (table, sets) = try socket.contents(ofTable: name)
    }
}

extension MnlSocket {
    /// All of a table that was there, but for the elements of an identity.
    func contents(
        ofTable name: String
    ) throws(KernelFailure) -> (table: KernelTable, sets: [String: CanonicalSet]) {
        let table = try table(name)
        var sets: [String: CanonicalSet] = [:]
        for set in table.sets where set.name != Identity.setName {
            sets[set.name] = try form(of: set, in: name)
        }
        return (table, sets)
    }
}

extension LoadedRules {
    /// The rules of a table, also of one that says nothing of who made it; nil when there is none.
    init?(ofTable name: String, in socket: borrowing MnlSocket) throws(KernelFailure) {
        do {
            guard let loaded = try LoadedTable(name, try socket.generation(), in: socket) else {
                return nil
            }
            self.init(
                installed: loaded.described(),
                rules: ListedRules(loaded.table, named: name, sets: loaded.sets))
        } catch {
            guard case .final(.foreignObject) = error else { throw error }
            let (table, sets) = try socket.contents(ofTable: name)
            self.init(installed: nil, rules: ListedRules(table, named: name, sets: sets))
        }
    }
}
