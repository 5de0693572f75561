import CMnl
import CNftnl
import Glibc
import Netlink
import RuleIR

/// The name of a table, and the number of its family (NFPROTO_…).
struct TableName: Hashable {
    /// The prefix of our tables' names.
    static let prefix = "tproxy_"

    var family: Int32
    var name: String

    /// Returns the family of an nfnetlink message, the first byte after the netlink header.
    static func family(of message: ArraySlice<UInt32>) -> Int32? {
        guard message.count > 4 else { return nil }
        return Int32(message[message.startIndex + 4] & 0xFF)
    }

    /// Whether the name is that of an installation's table.
    var isOurs: Bool {
        family == LoadedChain.Family.inet.number && name.hasPrefix(Self.prefix)
    }
}

// Queries of nf_tables. They change nothing and need CAP_NET_ADMIN.
extension MnlSocket {
    /// Returns the generation, which the kernel increments with each change of nf_tables.
    func generation() throws(KernelFailure) -> UInt32? {
        var number: UInt32?
        try query(NFT_MSG_GETGEN, NLM_F_ACK) { _ in
        } receive: { answer in
            number = answer[NFTA_GEN_ID]?.number
        }
        return number
    }

    /// Whether the kernel has nf_tables, or loads it on request.
    ///
    /// A kernel without it holds no table of ours; another backend may be used there.
    func isWithNfTables() throws(KernelFailure) -> Bool {
        do throws(KernelFailure) {
            _ = try generation()
            return true
        } catch {
            guard error.isWithoutNfTables else { throw error }
            return false
        }
    }

    /// Returns the flags of the table `inet name`; nil if it doesn't exist.
    func flags(ofTable name: String) throws(KernelFailure) -> UInt32? {
        var flags: UInt32 = 0
        do {
            try query(NFT_MSG_GETTABLE, NLM_F_ACK) {
                $0.put(NFTA_TABLE_NAME, text: name)
            } receive: { answer in
                flags = answer[NFTA_TABLE_FLAGS]?.number ?? 0
            }
        } catch {
            guard error.isAbsence else { throw error }
            return nil
        }
        return flags
    }

    /// Returns all tables of the namespace, of every family.
    func tables() throws(KernelFailure) -> Set<TableName> {
        try tableNames(NFT_MSG_GETTABLE) { $0[NFTA_TABLE_NAME]?.text }
    }

    /// Returns the tables that have sets or maps.
    func tablesWithSets() throws(KernelFailure) -> Set<TableName> {
        try tableNames(NFT_MSG_GETSET) { $0[NFTA_SET_TABLE]?.text }
    }

    private func tableNames(
        _ type: nf_tables_msg_types, _ name: (AttributeList) -> String?
    ) throws(KernelFailure) -> Set<TableName> {
        var found: Set<TableName> = []
        try query(type, NLM_F_DUMP, of: AF_UNSPEC, { _ in }) { message in
            guard let family = TableName.family(of: message),
                let name = name(AttributeList(message: message))
            else { return }
            found.insert(TableName(family: family, name: name))
        }
        return found
    }

    /// Returns the comments of a set's elements; nil if the table or set doesn't exist.
    func comments(of set: String, in table: String) throws(KernelFailure) -> [String]? {
        var comments: [String] = []
        do {
            try eachElement(of: set, in: table) { element in
                let data = element[NFTA_SET_ELEM_USERDATA]?.bytes ?? []
                if let text = UserData.text(NFTNL_UDATA_SET_ELEM_COMMENT.rawValue, in: data) {
                    comments.append(text)
                }
            }
        } catch {
            guard error.isAbsence else { throw error }
            return nil
        }
        return comments
    }

    /// Reads the chains and rules of a table that existed, and its sets without their elements.
    func table(_ name: String) throws(KernelFailure) -> KernelTable {
        try KernelFailure.expectingPresence { () throws(KernelFailure) in
            guard let flags = try flags(ofTable: name) else { throw .outdated }
            return KernelTable(
                flags: flags, chains: try chains(of: name), rules: try rules(of: name),
                sets: try sets(of: name))
        }
    }

    /// Returns the chains of a table.
    ///
    /// The kernel dumps the chains of all tables of the family and resumes by their count, so a
    /// change of another table may hide one of ours.
    private func chains(of table: String) throws(KernelFailure) -> [KernelTable.Chain] {
        for _ in 0..<Self.mostRepetitions {
            do {
                return try chainsAtOnce(of: table)
            } catch {
                guard case .refused(let refusal) = error, refusal.isInterruption else {
                    throw error
                }
            }
        }
        return try chainsAtOnce(of: table)
    }

    /// The most repetitions of a disturbed dump; a dump of chains takes microseconds.
    private static let mostRepetitions = 100

    private func chainsAtOnce(of table: String) throws(KernelFailure) -> [KernelTable.Chain] {
        var chains: [KernelTable.Chain] = []
        try query(NFT_MSG_GETCHAIN, NLM_F_DUMP, isWhole: true) { _ in
        } receive: { answer in
            guard answer[NFTA_CHAIN_TABLE]?.text == table, let name = answer[NFTA_CHAIN_NAME]?.text
            else { return }
            var base: HookAttachment?
            if let hook = answer[NFTA_CHAIN_HOOK]?.nested, let number = hook[NFTA_HOOK_HOOKNUM] {
                base = HookAttachment(
                    type: answer[NFTA_CHAIN_TYPE]?.text ?? "", hook: number.number,
                    priority: hook[NFTA_HOOK_PRIORITY]?.number ?? 0,
                    policy: answer[NFTA_CHAIN_POLICY]?.number ?? Verdict.accept)
            }
            chains.append(KernelTable.Chain(name: name, base: base))
        }
        return chains
    }

    private func rules(of table: String) throws(KernelFailure) -> [KernelTable.Rule] {
        var rules: [KernelTable.Rule] = []
        try query(NFT_MSG_GETRULE, NLM_F_DUMP) {
            $0.put(NFTA_RULE_TABLE, text: table)
        } receive: {
            answer in
            guard answer[NFTA_RULE_TABLE]?.text == table else { return }
            let items = answer[NFTA_RULE_EXPRESSIONS].map { Array($0.nested) } ?? []
            let data = answer[NFTA_RULE_USERDATA]?.bytes ?? []
            rules.append(
                KernelTable.Rule(
                    chain: answer[NFTA_RULE_CHAIN]?.text ?? "",
                    comment: UserData.text(NFTNL_UDATA_RULE_COMMENT.rawValue, in: data),
                    expressions: items.map { ListedExpression($0) },
                    count: items.lazy.compactMap { KernelTable.Count(item: $0) }.first))
        }
        return rules
    }

    private func sets(of table: String) throws(KernelFailure) -> [KernelTable.Set] {
        var sets: [KernelTable.Set] = []
        try query(NFT_MSG_GETSET, NLM_F_DUMP) {
            $0.put(NFTA_SET_TABLE, text: table)
        } receive: {
            answer in
            guard answer[NFTA_SET_TABLE]?.text == table, let name = answer[NFTA_SET_NAME]?.text
            else { return }
            let strange = [
                NFTA_SET_DATA_TYPE, NFTA_SET_OBJ_TYPE, NFTA_SET_TIMEOUT, NFTA_SET_EXPR,
                NFTA_SET_EXPRESSIONS,
            ].map(\.rawValue)
            sets.append(
                KernelTable.Set(
                    name: name, keyType: answer[NFTA_SET_KEY_TYPE]?.number ?? 0,
                    keyLength: answer[NFTA_SET_KEY_LEN]?.number ?? 0,
                    flags: answer[NFTA_SET_FLAGS]?.number ?? 0,
                    extras: answer.filter { strange.contains($0.type) && !$0.isZero }
                        .flatMap { [UInt8($0.type)] + $0.bytes }))
        }
        return sets
    }

    /// Calls `receive` with the attributes of each element, in the kernel's order.
    func eachElement(
        of set: String, in table: String, _ receive: (AttributeList) -> Void
    ) throws(KernelFailure) {
        try query(NFT_MSG_GETSETELEM, NLM_F_DUMP) { writer in
            writer.put(NFTA_SET_ELEM_LIST_TABLE, text: table)
            writer.put(NFTA_SET_ELEM_LIST_SET, text: set)
        } receive: { answer in
            guard let elements = answer[NFTA_SET_ELEM_LIST_ELEMENTS] else { return }
            for element in elements.nested { receive(element.nested) }
        }
    }

    private func query(
        _ type: nf_tables_msg_types, _ flags: Int32, isWhole: Bool = false,
        _ body: (inout MessageWriter) -> Void, receive: (AttributeList) -> Void = { _ in }
    ) throws(KernelFailure) {
        try query(
            type, flags, of: LoadedChain.Family.inet.number, isWhole: isWhole, body
        ) {
            receive(AttributeList(message: $0))
        }
    }

    /// Sends a query and passes whole messages to `receive`, headers included.
    func query(
        _ type: nf_tables_msg_types, _ flags: Int32, of family: Int32, isWhole: Bool = false,
        _ body: (inout MessageWriter) -> Void, messages receive: (ArraySlice<UInt32>) -> Void
    ) throws(KernelFailure) {
        var writer = MessageWriter()
        writer.message(
            Int(NFNL_SUBSYS_NFTABLES) << 8 | Int(type.rawValue), flags: flags, family: family,
            number: 1, body)
        do {
            try query(writer.words, isWhole: isWhole || isStrict, receive)
        } catch {
            throw .refused(Refusal(error))
        }
    }
}

extension KernelTable.Count {
    /// Reads a counter from an item of NFTA_RULE_EXPRESSIONS; nil for another expression.
    fileprivate init?(item: Attribute) {
        guard item.nested[NFTA_EXPR_NAME]?.text == "counter",
            let data = item.nested[NFTA_EXPR_DATA]?.nested
        else { return nil }
        packets = data[NFTA_COUNTER_PACKETS]?.longNumber ?? 0
        bytes = data[NFTA_COUNTER_BYTES]?.longNumber ?? 0
    }
}
