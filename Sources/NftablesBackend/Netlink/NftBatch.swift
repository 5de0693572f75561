import CMnl
import Glibc
import RuleIR

/// One transaction of nf_tables: the messages, and what each is about.
struct NftBatch {
    /// What the kernel may refuse.
    enum Subject: Hashable, Sendable {
        case transaction
        case table
        /// `needs` is what the kernel must have for the set itself.
        case set(String, needs: KernelFeature? = nil)
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

    /// The same transaction for rules that have become those of another generation.
    mutating func move(to generation: UInt32) {
        writer.replaceFirst(NFNL_BATCH_GENID, by: generation)
    }

    /// Ends the transaction; nothing may be added any more.
    mutating func finish() {
        writer.acknowledgeLast()
        control(NFNL_MSG_BATCH_END)
    }

    /// The number that the next message will have, which no other has.
    var nextNumber: UInt32 { UInt32(subjects.count) }

    mutating func message(
        _ type: nf_tables_msg_types, _ flags: Int32, _ subject: Subject,
        _ body: (inout MessageWriter) -> Void
    ) {
        let number = nextNumber
        subjects.append(subject)
        starts.append(writer.words.count)
        writer.message(
            Int(NFNL_SUBSYS_NFTABLES) << 8 | Int(type.rawValue), flags: flags, family: family,
            number: number, body)
    }

    private mutating func control(
        _ type: Int32, _ body: (inout MessageWriter) -> Void = { _ in }
    ) {
        let number = nextNumber
        subjects.append(.transaction)
        starts.append(writer.words.count)
        writer.message(
            Int(type), flags: 0, family: AF_UNSPEC, resource: UInt16(NFNL_SUBSYS_NFTABLES),
            number: number, body)
    }
}

extension NftBatch {
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
}
