import CMnl
import CNftnl
import Glibc

// A table as messages. Objects come before those that name them.
extension NftBatch {
    mutating func delete(table name: String) {
        message(NFT_MSG_DELTABLE, 0, .table) { $0.put(NFTA_TABLE_NAME, text: name) }
    }

    /// A table of this name mustn't be there; `form` is that of the table.
    mutating func add(_ table: NftTable, _ form: TableForm) {
        reserve(elements: form.sets.values.reduce(0) { $0 + $1.elements.count })
        message(NFT_MSG_NEWTABLE, NLM_F_CREATE, .table) { writer in
            writer.put(NFTA_TABLE_NAME, text: table.name)
            writer.put(NFTA_TABLE_FLAGS, 0)
        }
        for set in table.sets {
            add(set, form.sets[set.name], in: table.name)
        }
        addChains(of: table)
    }

    /// Changes the loaded table into `table`; `chains` are the names of the loaded chains.
    mutating func change(
        to table: NftTable, _ form: TableForm, replacing chains: [String]?,
        _ changes: [TableChange.SetChange]
    ) {
        if let chains {
            // All rules first: they hold the chains and sets that they name.
            message(NFT_MSG_DELRULE, 0, .table) { $0.put(NFTA_RULE_TABLE, text: table.name) }
            for chain in chains {
                message(NFT_MSG_DELCHAIN, 0, .chain(chain)) { writer in
                    writer.put(NFTA_CHAIN_TABLE, text: table.name)
                    writer.put(NFTA_CHAIN_NAME, text: chain)
                }
            }
        }
        for change in changes {
            guard let set = table.sets.first(where: { $0.name == change.name }) else {
                message(NFT_MSG_DELSET, 0, .set(change.name)) { writer in
                    writer.put(NFTA_SET_TABLE, text: table.name)
                    writer.put(NFTA_SET_NAME, text: change.name)
                }
                continue
            }
            switch change.kind {
            case .add: add(set, form.sets[set.name], in: table.name)
            case .refill:
                empty(set, in: table.name)
                fill(set, form.sets[set.name], in: table.name)
            case .differ(let difference):
                send(
                    difference.removed.sorted(), of: set, in: table.name,
                    type: NFT_MSG_DELSETELEM)
                send(difference.added.sorted(), of: set, in: table.name)
            case .delete: continue
            }
        }
        for set in table.sets where set.name == Identity.setName {
            empty(set, in: table.name)
            sendNotes(of: set, in: table.name)
        }
        if chains != nil { addChains(of: table) }
    }

    private mutating func addChains(of table: NftTable) {
        for chain in table.chains {
            message(NFT_MSG_NEWCHAIN, NLM_F_CREATE, .chain(chain.name)) { writer in
                chain.write(in: table.name, to: &writer)
            }
        }
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
        let elements = set.types.count > 1 ? set.elements.map(ElementRange.init) : form.elements
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
