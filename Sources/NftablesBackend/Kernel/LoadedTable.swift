import CMnl
import Netlink
import RuleIR

/// Our table as it is loaded, with the elements of its sets.
struct LoadedTable {
    let name: String
    let identity: Identity
    let table: KernelTable
    /// All sets except the identity.
    let sets: [String: CanonicalSet]

    /// The canonical form, without sets that were loaded for other rules.
    var canonical: CanonicalTable {
        CanonicalTable(table, sets: sets.filter { !identity.loading.contains($0.key) })
    }

    var isDormant: Bool { table.flags & NFT_TABLE_F_DORMANT.rawValue != 0 }

    /// Whether a process owns the table (`flags owner`), so that no other process may change it.
    var isOwned: Bool { table.flags & ~NFT_TABLE_F_DORMANT.rawValue != 0 }

    /// Returns the chains, the rules with their counters, and whether the table is intact.
    func described() -> InstalledRuleset {
        let isIntact = identity.isWhole && canonical.digest == identity.digest
        var installed = InstalledRuleset(table, named: name, identity, isIntact: isIntact)
        if isDormant { installed.irregularity = .dormant }
        if isOwned { installed.irregularity = .owned }
        if !identity.loading.isEmpty { installed.irregularity = .interruptedLoad }
        if installed.irregularity != nil { installed.isIntact = false }
        return installed
    }
}

extension LoadedTable {
    /// Reads the table; nil if it doesn't exist.
    ///
    /// Throws `foreignObject` if it isn't ours. `generation` is the kernel's generation before the
    /// reading.
    init?(
        _ name: String, _ generation: UInt32?, in socket: borrowing MnlSocket
    ) throws(KernelFailure) {
        guard let identity = try socket.identity(ofTable: name, generation) else { return nil }
        self.name = name
        self.identity = identity
        (table, sets) = try socket.contents(ofTable: name)
    }
}

extension MnlSocket {
    /// Reads the identity of a table; nil if the table doesn't exist.
    ///
    /// Throws `foreignObject` if it isn't ours. `generation` is the kernel's generation before the
    /// reading.
    func identity(
        ofTable name: String, _ generation: UInt32?
    ) throws(KernelFailure) -> Identity? {
        guard let comments = try comments(of: Identity.setName, in: name) else {
            guard try flags(ofTable: name) != nil else { return nil }
            // The table may have been created between the two queries.
            guard try self.generation() == generation else { throw .outdated }
            throw .final(.foreignObject(name: "table inet \(name)"))
        }
        guard let identity = Identity(comments) else {
            throw .final(.foreignObject(name: "table inet \(name)"))
        }
        return identity
    }

    /// Reads a table that existed a moment ago, except the elements of the identity.
    func contents(
        ofTable name: String
    ) throws(KernelFailure) -> (table: KernelTable, sets: [String: CanonicalSet]) {
        let table = try table(name)
        var sets: [String: CanonicalSet] = [:]
        for set in table.sets where set.name != Identity.setName {
            sets[set.name] = try canonicalSet(set, in: name)
        }
        return (table, sets)
    }
}

extension LoadedRules {
    /// Reads the rules of a table, with or without an identity; nil if it doesn't exist.
    ///
    /// `tables` may know a table with an identity.
    init?(
        ofTable name: String, in socket: borrowing MnlSocket, _ tables: LoadedTables
    ) throws(KernelFailure) {
        do {
            guard let loaded = try tables.current(name, in: socket) else { return nil }
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
