/// Writes the commands of one transaction, in order.
///
/// The same code writes netlink messages and libnftables' JSON, so that both do the same.
protocol TransactionWriter {
    /// Adds a table; a table of this name must not exist.
    mutating func create(table name: String)
    /// Clears the flags of an existing table, so that the kernel runs its chains.
    mutating func wake(table name: String)
    mutating func delete(table name: String)
    /// Deletes the rules of all chains.
    mutating func flush(table name: String)

    /// Adds a set with its elements; `canonical` is nil for the identity set.
    mutating func add(_ set: NftSet, _ canonical: CanonicalSet?, in table: String)
    mutating func delete(set name: String, in table: String)
    /// Deletes all elements.
    mutating func flush(_ set: NftSet, in table: String)
    /// Adds elements with comments, which only the identity set has.
    mutating func addIdentityElements(of set: NftSet, in table: String)
    mutating func add(_ elements: [ElementRange], to set: NftSet, in table: String)
    mutating func delete(_ elements: [ElementRange], of set: NftSet, in table: String)

    mutating func add(_ chain: NftChain, in table: String)
    mutating func delete(chain name: String, in table: String)
    mutating func add(_ rule: NftRule, in table: String, _ chain: String)
}

// Objects are added before the objects that refer to them.
extension TransactionWriter {
    /// Loads the new interval sets for the rules of a later transaction.
    mutating func prepare(
        _ change: TableChange, of planned: PlannedTable, saying identity: Identity
    ) {
        let table = planned.table
        if change.isNew { create(table: table.name) }
        say(identity, in: table.name, isNew: change.isNew)
        for set in table.sets where change.prepared.contains(set.name) {
            add(set, planned.canonical.sets[set.name], in: table.name)
        }
    }

    /// Turns the loaded table into the planned one.
    ///
    /// The prepared sets must be loaded. `isNew` means that there is no table yet.
    mutating func perform(
        _ change: TableChange, isNew: Bool, to planned: PlannedTable, saying identity: Identity
    ) {
        let table = planned.table
        if isNew { create(table: table.name) }
        // Rules come first: they hold references to chains and sets.
        if change.replacesRules && !change.isNew { flush(table: table.name) }
        say(identity, in: table.name, isNew: isNew)
        for set in change.sets { perform(set, planned) }
        guard change.replacesRules else { return }
        for chain in change.removedChains { delete(chain: chain, in: table.name) }
        for chain in table.chains where !change.keptChains.contains(chain.name) {
            add(chain, in: table.name)
        }
        for chain in table.chains {
            for rule in chain.rules { add(rule, in: table.name, chain.name) }
        }
    }

    /// Deletes sets that `prepare` added, and restores the earlier identity.
    mutating func undo(_ sets: [String], in table: String, saying identity: Identity) {
        for set in sets { delete(set: set, in: table) }
        say(identity, in: table, isNew: false)
    }

    private mutating func perform(_ change: TableChange.SetChange, _ planned: PlannedTable) {
        let table = planned.table
        if change.kind == .delete || change.kind == .replace {
            delete(set: change.name, in: table.name)
        }
        guard let set = table.sets.first(where: { $0.name == change.name }) else { return }
        switch change.kind {
        case .add, .replace: add(set, planned.canonical.sets[set.name], in: table.name)
        case .differ(let difference):
            delete(difference.removed, of: set, in: table.name)
            add(difference.added, to: set, in: table.name)
        case .delete: return
        }
    }

    private mutating func say(_ identity: Identity, in table: String, isNew: Bool) {
        let set = identity.set
        if isNew { return add(set, nil, in: table) }
        flush(set, in: table)
        addIdentityElements(of: set, in: table)
    }
}
