import CMnl
import Glibc

// Writes commands as netlink messages.
extension NftBatch: TransactionWriter {
    mutating func create(table name: String) { add(tableNamed: name, NLM_F_CREATE | NLM_F_EXCL) }

    mutating func wake(table name: String) { add(tableNamed: name, NLM_F_CREATE) }

    private mutating func add(tableNamed name: String, _ flags: Int32) {
        message(NFT_MSG_NEWTABLE, flags, .table) { writer in
            writer.put(NFTA_TABLE_NAME, text: name)
            writer.put(NFTA_TABLE_FLAGS, 0)
        }
    }

    mutating func delete(table name: String) {
        message(NFT_MSG_DELTABLE, 0, .table) { $0.put(NFTA_TABLE_NAME, text: name) }
    }

    mutating func flush(table name: String) {
        message(NFT_MSG_DELRULE, 0, .table) { $0.put(NFTA_RULE_TABLE, text: name) }
    }

    mutating func add(_ set: NftSet, _ canonical: CanonicalSet?, in table: String) {
        let number = nextNumber
        message(NFT_MSG_NEWSET, NLM_F_CREATE, .set(set.name, needs: set.needs)) { writer in
            set.write(in: table, number: number, to: &writer)
        }
        guard let canonical else { return addIdentityElements(of: set, in: table) }
        // The kernel lists concatenations in the order of their insertion.
        let elements =
            set.types.count > 1
            ? set.elements.map { ElementRange($0, inIntervals: set.isInterval) }
            : canonical.elements
        send(elements, of: set, in: table, NFT_MSG_NEWSETELEM, isNew: true)
    }

    mutating func delete(set name: String, in table: String) {
        message(NFT_MSG_DELSET, 0, .set(name)) { writer in
            writer.put(NFTA_SET_TABLE, text: table)
            writer.put(NFTA_SET_NAME, text: name)
        }
    }

    mutating func flush(_ set: NftSet, in table: String) {
        message(NFT_MSG_DELSETELEM, 0, .set(set.name)) { writer in
            writer.put(NFTA_SET_ELEM_LIST_TABLE, text: table)
            writer.put(NFTA_SET_ELEM_LIST_SET, text: set.name)
        }
    }

    mutating func addIdentityElements(of set: NftSet, in table: String) {
        // The number of notes that fit into one message, with comments of the maximum length.
        let most = 300
        for start in stride(from: 0, to: set.elements.count, by: most) {
            let notes = IdentityEncoding(elements: set.elements[start...].prefix(most))
            elementMessage(NFT_MSG_NEWSETELEM, of: set, in: table) { notes.write(to: &$0) }
        }
    }

    mutating func add(_ elements: [ElementRange], to set: NftSet, in table: String) {
        send(elements, of: set, in: table, NFT_MSG_NEWSETELEM, isNew: false)
    }

    mutating func delete(_ elements: [ElementRange], of set: NftSet, in table: String) {
        send(elements, of: set, in: table, NFT_MSG_DELSETELEM, isNew: false)
    }

    mutating func add(_ chain: NftChain, in table: String) {
        message(NFT_MSG_NEWCHAIN, NLM_F_CREATE, .chain(chain.name)) { writer in
            chain.write(in: table, to: &writer)
        }
    }

    mutating func delete(chain name: String, in table: String) {
        message(NFT_MSG_DELCHAIN, 0, .chain(name)) { writer in
            writer.put(NFTA_CHAIN_TABLE, text: table)
            writer.put(NFTA_CHAIN_NAME, text: name)
        }
    }

    mutating func add(_ rule: NftRule, in table: String, _ chain: String) {
        message(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, .rule(rule)) { writer in
            rule.write(in: table, chain, to: &writer)
        }
    }

    private mutating func send(
        _ elements: [ElementRange], of set: NftSet, in table: String,
        _ type: nf_tables_msg_types, isNew: Bool
    ) {
        var encoding = ElementEncoding(elements, of: set, isNew: isNew)
        while !encoding.isDone {
            elementMessage(type, of: set, in: table) { encoding.write(to: &$0) }
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
