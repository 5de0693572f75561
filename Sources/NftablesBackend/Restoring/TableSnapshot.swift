import CMnl
import CNftnl
import Glibc
import Netlink
import RuleIR

/// A table of ours as the kernel reports it, in the attributes with which it is made again.
///
/// Unlike a plan, it holds whatever others have added to the table. Counters of rules are zero.
struct TableSnapshot: Hashable {
    /// A set or map, and its elements in an order in which the kernel takes them.
    struct ElementSet: Hashable {
        var name: String
        var flags: UInt32
        var attributes: [UInt32]
        /// Each is an item of NFTA_SET_ELEM_LIST_ELEMENTS, header included.
        var elements: [[UInt32]]

        var isInterval: Bool { flags & NFT_SET_INTERVAL.rawValue != 0 }

        /// Whether the set belongs to one rule, with which it goes.
        var isAnonymous: Bool { flags & NFT_SET_ANONYMOUS.rawValue != 0 }

        /// Whether both hold the same elements, regardless of their order.
        func hasSameElements(as other: Self) -> Bool {
            elements.count == other.elements.count
                && (elements == other.elements || Set(elements) == Set(other.elements))
        }
    }

    struct Chain: Hashable {
        var name: String
        var attributes: [UInt32]
    }

    var name: String
    var flags: UInt32
    var table: [UInt32]
    /// Named counters, quotas and others.
    var objects: [[UInt32]] = []
    var sets: [ElementSet] = []
    var chains: [Chain] = []
    var rules: [[UInt32]] = []

    func set(_ name: String) -> ElementSet? { sets.first { $0.name == name } }

    /// Whether both have the same rules in the same chains; anonymous sets belong to their rules.
    func hasSameRules(as other: Self) -> Bool {
        rules == other.rules && chains == other.chains
            && anonymousSets.count == other.anonymousSets.count
            && anonymousSets.allSatisfy { set in
                guard let twin = other.set(set.name) else { return false }
                return twin.attributes == set.attributes && twin.hasSameElements(as: set)
            }
    }

    var namedSets: [ElementSet] { sets.filter { !$0.isAnonymous } }

    private var anonymousSets: [ElementSet] { sets.filter(\.isAnonymous) }
}

extension TableSnapshot {
    /// Reads the table; nil if it doesn't exist.
    ///
    /// Throws `foreignObject` if it isn't ours, `unsupported` if it holds an object that can't be
    /// made again.
    init?(_ name: String, in socket: borrowing MnlSocket) throws(KernelFailure) {
        let generation = try socket.generation()
        guard try socket.identity(ofTable: name, generation) != nil else { return nil }
        self = try KernelFailure.expectingPresence { () throws(KernelFailure) in
            try Self(reading: name, generation, in: socket)
        }
    }

    private init(
        reading name: String, _ generation: UInt32?, in socket: borrowing MnlSocket
    ) throws(KernelFailure) {
        self.name = name
        flags = 0
        table = []
        for message in try socket.objects(NFT_MSG_GETTABLE, NFTA_TABLE_NAME, of: name) {
            flags = message[NFTA_TABLE_FLAGS]?.number ?? 0
            table = message.verbatim(SettableAttributes.table)
        }
        for message in try socket.objects(NFT_MSG_GETOBJ, NFTA_OBJ_TABLE, of: name) {
            objects.append(message.verbatim(SettableAttributes.object))
        }
        for message in try socket.objects(NFT_MSG_GETFLOWTABLE, NFTA_FLOWTABLE_TABLE, of: name) {
            throw Self.unrestorable(
                "flowtable \(message[NFTA_FLOWTABLE_NAME]?.text ?? "")", of: name)
        }
        for message in try socket.objects(NFT_MSG_GETSET, NFTA_SET_TABLE, of: name) {
            sets.append(
                ElementSet(
                    name: message[NFTA_SET_NAME]?.text ?? "",
                    flags: message[NFTA_SET_FLAGS]?.number ?? 0,
                    attributes: message.verbatim(SettableAttributes.set), elements: []))
        }
        for index in sets.indices {
            try sets[index].read(in: name, socket)
        }
        for message in try socket.objects(NFT_MSG_GETCHAIN, NFTA_CHAIN_TABLE, of: name) {
            let chain = message[NFTA_CHAIN_NAME]?.text ?? ""
            guard (message[NFTA_CHAIN_FLAGS]?.number ?? 0) & Self.binding == 0 else {
                throw Self.unrestorable("anonymous chain \(chain)", of: name)
            }
            chains.append(
                Chain(name: chain, attributes: message.verbatim(SettableAttributes.chain)))
        }
        for message in try socket.objects(NFT_MSG_GETRULE, NFTA_RULE_TABLE, of: name) {
            var rule = message.verbatim(SettableAttributes.rule)
            message.forEachVerbatim { type, words in
                guard type == NFTA_RULE_EXPRESSIONS.rawValue else { return }
                rule += UncountedExpressions(words).words
            }
            rules.append(rule)
        }
        // A change between two dumps interrupts neither.
        guard !table.isEmpty, try socket.generation() == generation else { throw .outdated }
    }

    /// NFT_CHAIN_BINDING: the chain belongs to a rule, which made it (`jump { … }`).
    private static let binding: UInt32 = 1 << 2

    private static func unrestorable(_ object: String, of table: String) -> KernelFailure {
        .final(
            .unsupported(
                feature: "restoring the \(object) of table inet \(table)",
                remedy: "delete it, or apply without --confirm"))
    }
}

extension TableSnapshot.ElementSet {
    fileprivate mutating func read(
        in table: String, _ socket: borrowing MnlSocket
    ) throws(KernelFailure) {
        var found: [[UInt32]] = []
        try socket.eachElement(of: name, in: table) { element in
            let attributes = element.verbatim(SettableAttributes.element)
            found.append(
                [UInt32(4 + attributes.count * 4) | (Self.nested | NFTA_LIST_ELEM.rawValue) << 16]
                    + attributes)
        }
        elements = found
        sortIntervals()
    }

    private static let nested: UInt32 = 1 << 15

    /// Sorts starts and ends of intervals by their keys, an end before a start of the same key.
    ///
    /// The kernel takes an end only after its start. Concatenations have both in one element.
    private mutating func sortIntervals() {
        guard isInterval, !elements.contains(where: Self.hasBothEnds) else { return }
        let keyed = elements.map { element in
            let list = AttributeList(element.dropFirst())
            let flags = list[NFTA_SET_ELEM_FLAGS]?.number ?? 0
            let key = list[NFTA_SET_ELEM_KEY]?.nested[NFTA_DATA_VALUE]?.bytes ?? []
            let isEnd = flags & NFT_SET_ELEM_INTERVAL_END.rawValue != 0
            return (element: element, key: key, isEnd: isEnd)
        }
        elements = keyed.sorted { left, right in
            guard left.key == right.key else {
                return left.key.lexicographicallyPrecedes(right.key)
            }
            return left.isEnd && !right.isEnd
        }.map(\.element)
    }

    private static func hasBothEnds(_ element: [UInt32]) -> Bool {
        AttributeList(element.dropFirst())[NFTA_SET_ELEM_KEY_END] != nil
    }
}

extension MnlSocket {
    /// Returns the attributes of each object of a table; `name` is the attribute with its name.
    fileprivate func objects(
        _ type: nf_tables_msg_types, _ name: some MessageWriter.Name, of table: String
    ) throws(KernelFailure) -> [AttributeList] {
        var found: [AttributeList] = []
        let isRule = type == NFT_MSG_GETRULE
        try query(
            type, NLM_F_DUMP, of: LoadedChain.Family.inet.number,
            { if isRule { $0.put(NFTA_RULE_TABLE, text: table) } }
        ) { message in
            let list = AttributeList(message: message)
            guard list[name]?.text == table else { return }
            // The message lies in a buffer that the next one overwrites.
            found.append(AttributeList(Array(list.words)[...]))
        }
        return found
    }
}
