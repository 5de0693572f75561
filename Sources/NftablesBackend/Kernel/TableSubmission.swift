import CNftablesProcess
import FaultPoints
import RuleIR
import Rtnetlink

/// Sends the transactions of one load, through libnftables or as netlink messages.
///
/// Both are all or nothing. libnftables runs in a process of its own, and netlink takes over whatever it
/// can't do: a refusal of the kernel then names the rule.
struct TableSubmission {
    /// How the next transaction is sent.
    private(set) var way: Submission
    /// Why netlink sent what libnftables was to send.
    private(set) var fallback: String?
    /// Whether libnftables may have changed rules although a commit failed.
    private(set) var mayHaveChanged = false
    /// How long libnftables may take, in milliseconds: it reads all tables again whenever another program
    /// changes one, and gives up never.
    private static let limit: Int32 = 10_000

    init(_ way: Submission) { self.way = way }

    /// Has the kernel do all of `transaction`; throws when it did nothing, or when rules were changed by
    /// others between `generation` and the end of it.
    mutating func commit(
        _ transaction: TableTransaction, for generation: UInt32?,
        over socket: borrowing MnlSocket
    ) throws(KernelFailure) {
        switch way {
        case .netlink: break
        case .libnftables:
            let problem = Self.run(transaction)
            let now = try socket.generation()
            guard let problem else {
                // libnftables takes whatever rules there are when it begins.
                guard generation == nil || now == generation.map(Self.next) else {
                    mayHaveChanged = true
                    throw .outdated
                }
                return
            }
            way = .netlink
            fallback = problem
            // Who can't tell what came of it looks again.
            guard generation == nil || now == generation else {
                mayHaveChanged = true
                throw .outdated
            }
        }
        var batch = NftBatch(generation: generation)
        transaction.write(to: &batch, submittedBy: .netlink)
        batch.finish()
        try socket.commit(batch)
    }

    /// The number that a transaction makes of the kernel's; it leaves 0 out.
    static func next(_ generation: UInt32) -> UInt32 {
        generation == .max ? 1 : generation + 1
    }

    /// Why libnftables didn't carry out `transaction`; nil when it did.
    private static func run(_ transaction: TableTransaction) -> String? {
        guard let document = transaction.document else {
            return "libnftables-json(5) has no form for an element"
        }
        do {
            return try systemCall(.tableSubmit, failing: NetlinkError.refuse) {
                () throws(NetlinkError) in
                var result = nftables_process_result()
                unsafe nftables_process_run(document, limit, &result)
                return problem(&result)
            }
        } catch {
            return "libnftables could not be run: \(error.reason)"
        }
    }

    private static func problem(_ result: inout nftables_process_result) -> String? {
        let text = unsafe withUnsafeBytes(of: &result.text) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        let number = result.number
        switch result.end {
        case NFTABLES_PROCESS_DONE: return nil
        case NFTABLES_PROCESS_DIED: return "libnftables died of signal \(number)"
        case NFTABLES_PROCESS_TOO_LONG:
            return "libnftables did not finish within \(limit / 1000) s"
        case NFTABLES_PROCESS_NOT_STARTED:
            return "libnftables could not be run: \(NetlinkError(code: number).reason)"
        case _:
            let line = text.split(separator: "\n").first.map(String.init) ?? "no reason given"
            return "libnftables refused: \(line)"
        }
    }
}
