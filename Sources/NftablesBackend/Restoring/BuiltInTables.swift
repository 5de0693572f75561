import CMnl
import Glibc
import Netlink
package import RuleIR

/// The tables and chains that the iptables programs had made in nf_tables at one moment.
///
/// iptables-nft makes a table and a built-in chain when it first needs them, and never deletes one.
/// `removeAdded` deletes those that were made since and are empty.
package struct BuiltInTables: Hashable, Sendable {
    /// `ip nat`, and `ip nat OUTPUT`.
    package private(set) var names: Set<String>

    package init(names: Set<String>) { self.names = names }

    /// Reads the tables of this network namespace.
    package static func read() throws(BackendError) -> BuiltInTables {
        try KernelFailure.listing("the tables", orNothing: BuiltInTables(names: [])) {
            (socket) throws(KernelFailure) in
            BuiltInTables(
                names: Set(try socket.tables().filter(\.isBuiltIn).map(\.words))
                    .union(try socket.builtInChains().map(\.words)))
        }
    }

    /// Deletes empty tables and base chains that aren't in `names`.
    ///
    /// Another change in between leaves them: they are without effect.
    package func removeAdded() {
        guard let socket = try? MnlSocket.toNetfilter(),
            let generation = try? socket.generation(),
            let chains = try? socket.builtInChains(), let tables = try? socket.tables(),
            let withSets = try? socket.tablesWithSets()
        else { return }
        let added = chains.filter { !names.contains($0.words) && $0.isEmpty }
        var batch = NftBatch(generation: generation)
        var isChange = false
        for table in tables where table.isBuiltIn {
            let own = chains.filter { $0.table == table }
            let empty = own.filter(added.contains)
            let isAdded = !names.contains(table.words) && !withSets.contains(table)
            if isAdded, own.count == empty.count {
                batch.delete(table)
                isChange = true
            } else {
                for chain in empty { batch.delete(chain) }
                isChange = isChange || !empty.isEmpty
            }
        }
        guard isChange else { return }
        batch.finish()
        try? socket.commit(batch)
    }
}

/// A base chain of a table of the iptables programs.
private struct BuiltInChain: Hashable {
    var table: TableName
    var name: String
    /// Whether it has no rules and accepts every packet.
    var isEmpty: Bool

    var words: String { "\(table.words) \(name)" }
}

extension TableName {
    fileprivate var words: String { "\(family == AF_INET ? "ip" : "ip6") \(name)" }

    /// Whether the table has a name and family of the iptables programs'.
    fileprivate var isBuiltIn: Bool {
        (family == AF_INET || family == AF_INET6) && ["raw", "mangle", "nat"].contains(name)
    }
}

extension MnlSocket {
    fileprivate func builtInChains() throws(KernelFailure) -> [BuiltInChain] {
        var chains: [BuiltInChain] = []
        try query(NFT_MSG_GETCHAIN, NLM_F_DUMP, of: AF_UNSPEC, { _ in }) { message in
            let chain = AttributeList(message: message)
            guard let family = TableName.family(of: message),
                let table = chain[NFTA_CHAIN_TABLE]?.text, let name = chain[NFTA_CHAIN_NAME]?.text
            else { return }
            let place = TableName(family: family, name: table)
            guard place.isBuiltIn else { return }
            chains.append(
                BuiltInChain(
                    table: place, name: name,
                    isEmpty: chain[NFTA_CHAIN_HOOK] != nil && chain[NFTA_CHAIN_USE]?.number == 0
                        && chain[NFTA_CHAIN_POLICY]?.number == 1))
        }
        return chains
    }
}

extension NftBatch {
    fileprivate mutating func delete(_ table: TableName) {
        message(NFT_MSG_DELTABLE, 0, .table, of: table.family) {
            $0.put(NFTA_TABLE_NAME, text: table.name)
        }
    }

    fileprivate mutating func delete(_ chain: BuiltInChain) {
        message(NFT_MSG_DELCHAIN, 0, .chain(chain.name), of: chain.table.family) { writer in
            writer.put(NFTA_CHAIN_TABLE, text: chain.table.name)
            writer.put(NFTA_CHAIN_NAME, text: chain.name)
        }
    }
}
