import CMnl
import Glibc

// A table, and what makes one of another, as messages. Objects come before those that name them.
extension NftBatch {
    mutating func delete(table name: String) {
        message(NFT_MSG_DELTABLE, 0, .table) { $0.put(NFTA_TABLE_NAME, text: name) }
    }

    /// A table of this name mustn't be there; `form` is that of the table.
    mutating func add(_ table: NftTable, _ form: TableForm) {
        add(tableNamed: table.name)
        for set in table.sets {
            add(set, form.sets[set.name], in: table.name)
        }
        for chain in table.chains { add(chain, in: table.name) }
        addRules(of: table)
    }

    /// Loads the new sets with intervals, for rules that follow in another transaction.
    mutating func prepare(
        _ change: TableChange, of planned: PlannedTable, saying identity: Identity
    ) {
        let table = planned.table
        if change.isNew { add(tableNamed: table.name) }
        say(identity, in: table.name, isNew: change.isNew)
        for set in table.sets where change.prepared.contains(set.name) {
            add(set, planned.form.sets[set.name], in: table.name)
        }
    }

    /// Makes the loaded table the planned one, whose new sets with intervals are there; `isNew`: there
    /// is no table yet.
    mutating func perform(
        _ change: TableChange, isNew: Bool, to planned: PlannedTable, saying identity: Identity
    ) {
        let table = planned.table
        if isNew { add(tableNamed: table.name) }
        let isOverRules = change.replacesRules && !change.isNew
        if isOverRules {
            // All rules first: they hold the chains and sets that they name.
            message(NFT_MSG_DELRULE, 0, .table) { $0.put(NFTA_RULE_TABLE, text: table.name) }
        }
        say(identity, in: table.name, isNew: isNew)
        for set in change.sets { perform(set, planned) }
        guard change.replacesRules else { return }
        for chain in change.removedChains {
            message(NFT_MSG_DELCHAIN, 0, .chain(chain)) { writer in
                writer.put(NFTA_CHAIN_TABLE, text: table.name)
                writer.put(NFTA_CHAIN_NAME, text: chain)
            }
        }
        for chain in table.chains where !change.keptChains.contains(chain.name) {
            add(chain, in: table.name)
        }
        addRules(of: table)
    }

    /// Takes out sets that `prepare` put in; the table says again what it said before.
    mutating func undo(_ sets: [String], in table: String, saying identity: Identity) {
        for set in sets { delete(set: set, in: table) }
        say(identity, in: table, isNew: false)
    }

    /// Has the kernel run the chains of a dormant table.
    mutating func wake(table name: String) { add(tableNamed: name) }

    /// Adds a table, or takes the flags off one that is there.
    private mutating func add(tableNamed name: String) {
        message(NFT_MSG_NEWTABLE, NLM_F_CREATE, .table) { writer in
            writer.put(NFTA_TABLE_NAME, text: name)
            writer.put(NFTA_TABLE_FLAGS, 0)
        }
    }

    private mutating func perform(_ change: TableChange.SetChange, _ planned: PlannedTable) {
        let table = planned.table
        if change.kind == .delete || change.kind == .replace {
            delete(set: change.name, in: table.name)
        }
        guard let set = table.sets.first(where: { $0.name == change.name }) else { return }
        switch change.kind {
        case .add, .replace: add(set, planned.form.sets[set.name], in: table.name)
        case .differ(let difference):
            send(difference.removed, of: set, in: table.name, type: NFT_MSG_DELSETELEM)
            send(difference.added, of: set, in: table.name)
        case .delete: return
        }
    }

    private mutating func say(_ identity: Identity, in table: String, isNew: Bool) {
        let set = identity.set
        if isNew { return add(set, nil, in: table) }
        empty(set, in: table)
        sendNotes(of: set, in: table)
    }

    private mutating func delete(set name: String, in table: String) {
        message(NFT_MSG_DELSET, 0, .set(name)) { writer in
            writer.put(NFTA_SET_TABLE, text: table)
            writer.put(NFTA_SET_NAME, text: name)
        }
    }

    private mutating func add(_ chain: NftChain, in table: String) {
        message(NFT_MSG_NEWCHAIN, NLM_F_CREATE, .chain(chain.name)) { writer in
            chain.write(in: table, to: &writer)
        }
    }

    private mutating func addRules(of table: NftTable) {
        for chain in table.chains {
            for rule in chain.rules {
                message(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, .rule(rule)) { writer in
                    rule.write(in: table.name, chain.name, to: &writer)
                }
            }
        }
    }

    /// `form` is nil for the set of the identity.
    private mutating func add(_ set: NftSet, _ form: SetForm?, in table: String) {
        let number = nextNumber
        message(NFT_MSG_NEWSET, NLM_F_CREATE, .set(set.name, needs: set.needs)) { writer in
            set.write(in: table, number: number, to: &writer)
        }
        fill(set, form, in: table)
    }

    private mutating func fill(_ set: NftSet, _ form: SetForm?, in table: String) {
        guard let form else { return sendNotes(of: set, in: table) }
        // The kernel lists concatenations in the order in which they came.
        let elements =
            set.types.count > 1
            ? set.elements.map { ElementRange($0, inIntervals: set.isInterval) } : form.elements
        send(elements, of: set, in: table, isNew: true)
    }

    /// Deletes all elements.
    private mutating func empty(_ set: NftSet, in table: String) {
        message(NFT_MSG_DELSETELEM, 0, .set(set.name)) { writer in
            writer.put(NFTA_SET_ELEM_LIST_TABLE, text: table)
            writer.put(NFTA_SET_ELEM_LIST_SET, text: set.name)
        }
    }

    private mutating func send(
        _ elements: [ElementRange], of set: NftSet, in table: String, isNew: Bool = false,
        type: nf_tables_msg_types = NFT_MSG_NEWSETELEM
    ) {
        var encoding = ElementEncoding(elements, of: set, isNew: isNew)
        while !encoding.isDone {
            elementMessage(type, of: set, in: table) { encoding.write(to: &$0) }
        }
    }

    private mutating func sendNotes(of set: NftSet, in table: String) {
        // So many fit into one message, with comments as long as they may be.
        let most = 300
        for start in stride(from: 0, to: set.elements.count, by: most) {
            let notes = NoteEncoding(elements: set.elements[start...].prefix(most))
            elementMessage(NFT_MSG_NEWSETELEM, of: set, in: table) { notes.write(to: &$0) }
        }
    }

    private mutating func elementMessage(
        _ type: nf_tables_msg_types, of set: NftSet, in table: String,
        _ elements: (inout MessageWriter) -> Void
    ) {
        let flags = type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0
        message(type, flags, .set(set.name)) { writer in
            writer.put(NFTA_SET_ELEM_LIST_TABLE, text: table)
            writer.put(NFTA_SET_ELEM_LIST_SET, text: set.name)
            writer.nest(NFTA_SET_ELEM_LIST_ELEMENTS, elements)
        }
    }
}
