import CMnl
import Glibc
import RuleIR

/// One nf_tables transaction: its messages, and the object that each concerns.
struct NftBatch {
    /// The object that a message concerns, for a refusal.
    enum Subject: Hashable, Sendable {
        case transaction
        case table
        /// A set; `needs` is the kernel feature that the set itself requires.
        case set(String, needs: KernelFeature? = nil)
        case chain(String)
        case rule(NftRule)
    }

    private(set) var writer = MessageWriter()
    private var subjects: [Subject] = []
    /// The index of the first word of each message.
    private var starts: [Int] = []
    private let family = LoadedChain.Family.inet.number

    /// Begins a transaction for the rules of `generation`.
    ///
    /// The kernel refuses it (ERESTART) if rules have changed since. With nil, it accepts any
    /// generation.
    init(generation: UInt32?) {
        control(NFNL_MSG_BATCH_BEGIN) { writer in
            if let generation { writer.put(NFNL_BATCH_GENID, generation) }
        }
    }

    /// Changes the generation that the transaction is for.
    mutating func move(to generation: UInt32) {
        writer.replaceFirst(NFNL_BATCH_GENID, by: generation)
    }

    /// Ends the transaction; no message may follow.
    mutating func finish() {
        writer.acknowledgeLast()
        control(NFNL_MSG_BATCH_END)
    }

    /// Ends a transaction that the kernel checks and doesn't make: it lacks the end.
    mutating func finishForCheck() { writer.acknowledgeLast() }

    /// The sequence number of the next message, unique in the batch.
    var nextNumber: UInt32 { UInt32(subjects.count) }

    mutating func message(
        _ type: nf_tables_msg_types, _ flags: Int32, _ subject: Subject,
        of family: Int32? = nil, _ body: (inout MessageWriter) -> Void
    ) {
        let number = nextNumber
        subjects.append(subject)
        starts.append(writer.words.count)
        writer.message(
            Int(NFNL_SUBSYS_NFTABLES) << 8 | Int(type.rawValue), flags: flags,
            family: family ?? self.family, number: number, body)
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
    /// Returns the object of the message with this sequence number.
    func subject(of number: UInt32) -> Subject {
        let index = Int(number)
        return subjects.indices.contains(index) ? subjects[index] : .transaction
    }

    /// Returns the name of the expression at `offset` bytes from the start of a message.
    func expression(at offset: Int, of number: UInt32) -> String? {
        let index = Int(number)
        guard starts.indices.contains(index) else { return nil }
        return writer.text(NFTA_EXPR_NAME, in: NFTA_LIST_ELEM, at: starts[index] + offset / 4)
    }
}
