import CMnl
import CNftnl
import Glibc
import RuleIR

/// One transaction of nf_tables: the messages, and what each is about.
struct NftBatch {
    /// What the kernel may refuse.
    enum Subject: Hashable, Sendable {
        case transaction
        case table
        case set(String)
        case chain(String)
        case rule(NftRule)
    }

    private(set) var writer = MessageWriter()
    private var subjects: [Subject] = []
    /// Where each message begins, in words.
    private var starts: [Int] = []
    private let family = LoadedChain.Family.inet.number

    /// `generation` is the number of the rules that the transaction was made for: the kernel refuses
    /// it (ERESTART) once anybody has changed rules since.
    ///
    /// Nil: whatever the rules are.
    init(generation: UInt32?) {
        control(NFNL_MSG_BATCH_BEGIN) { writer in
            if let generation { writer.put(NFNL_BATCH_GENID, generation) }
        }
    }

    /// What the message is about that the kernel names by this number.
    func subject(of number: UInt32) -> Subject {
        let index = Int(number)
        return subjects.indices.contains(index) ? subjects[index] : .transaction
    }

    /// The name of the expression that begins `offset` bytes behind the beginning of a message.
    func expression(at offset: Int, of number: UInt32) -> String? {
        let index = Int(number)
        guard starts.indices.contains(index) else { return nil }
        return writer.text(NFTA_EXPR_NAME, in: NFTA_LIST_ELEM, at: starts[index] + offset / 4)
    }

    /// Ends the transaction; nothing may be added any more.
    mutating func finish() {
        writer.acknowledgeLast()
        control(NFNL_MSG_BATCH_END)
    }

    mutating func add(table name: String) {
        message(NFT_MSG_NEWTABLE, NLM_F_CREATE, .table) { writer in
            writer.put(NFTA_TABLE_NAME, text: name)
            writer.put(NFTA_TABLE_FLAGS, 0)
        }
    }

    mutating func delete(table name: String) {
        message(NFT_MSG_DELTABLE, 0, .table) { $0.put(NFTA_TABLE_NAME, text: name) }
    }

    /// A table of this name mustn't be there.
    mutating func add(_ table: NftTable) {
        let bytesOfAnElement = 40
        let elements = table.sets.reduce(0) { $0 + $1.elements.count }
        writer.reserve(bytes: elements * bytesOfAnElement)
        add(table: table.name)
        for set in table.sets {
            add(set, in: table.name)
        }
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

    private mutating func add(_ set: NftSet, in table: String) {
        let number = UInt32(subjects.count)
        message(NFT_MSG_NEWSET, NLM_F_CREATE, .set(set.name)) { writer in
            set.write(in: table, number: number, to: &writer)
        }
        var elements = ElementEncoding(set, isNew: true)
        while !elements.isDone {
            message(NFT_MSG_NEWSETELEM, NLM_F_CREATE, .set(set.name)) { writer in
                writer.put(NFTA_SET_ELEM_LIST_TABLE, text: table)
                writer.put(NFTA_SET_ELEM_LIST_SET, text: set.name)
                writer.nest(NFTA_SET_ELEM_LIST_ELEMENTS) { elements.write(to: &$0) }
            }
        }
    }

    private mutating func message(
        _ type: nf_tables_msg_types, _ flags: Int32, _ subject: Subject,
        _ body: (inout MessageWriter) -> Void
    ) {
        let number = UInt32(subjects.count)
        subjects.append(subject)
        starts.append(writer.words.count)
        writer.message(
            Int(NFNL_SUBSYS_NFTABLES) << 8 | Int(type.rawValue), flags: flags, family: family,
            number: number, body)
    }

    private mutating func control(
        _ type: Int32, _ body: (inout MessageWriter) -> Void = { _ in }
    ) {
        let number = UInt32(subjects.count)
        subjects.append(.transaction)
        starts.append(writer.words.count)
        writer.message(
            Int(type), flags: 0, family: AF_UNSPEC, resource: UInt16(NFNL_SUBSYS_NFTABLES),
            number: number, body)
    }
}
