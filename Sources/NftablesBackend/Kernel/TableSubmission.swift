import CNftablesProcess
import FaultPoints
import Netlink
import RuleIR

/// Submits the transactions of one load, through libnftables or as netlink messages.
///
/// With both, a transaction is all or nothing. libnftables runs in a process of its own. When it
/// fails, netlink submits the transaction, and a refusal of the kernel then names the rule.
struct TableSubmission {
    /// How the next transaction is submitted.
    private(set) var submission: Submission
    /// Why netlink submitted instead of libnftables.
    private(set) var fallback: String?
    /// Whether libnftables may have changed rules although a commit failed.
    private(set) var mayHaveChanged = false
    /// The time limit for libnftables, in milliseconds.
    ///
    /// It reads all tables again whenever another program changes one, and never gives up.
    private static let limit: Int32 = 10_000

    init(_ submission: Submission) { self.submission = submission }

    /// Submits `transaction`, made for `generation`, and returns the generation that it creates.
    ///
    /// Throws if the kernel did nothing, or if other programs changed rules between `generation`
    /// and the end. With `watch`, changes of other tables don't count.
    mutating func commit(
        _ transaction: TableTransaction, for generation: UInt32?,
        over socket: borrowing MnlSocket, _ watch: ChangeWatch? = nil
    ) throws(KernelFailure) -> UInt32? {
        switch submission {
        case .netlink: break
        case .libnftables:
            let problem = Self.run(transaction)
            let now = try socket.generation()
            // libnftables starts from the rules that are loaded when it begins. If these or its
            // result can't be determined, the caller reads the table again.
            let expected = problem == nil ? generation.map(Self.next) : generation
            if let problem { useNetlink(because: problem) }
            guard generation == nil || now == expected else {
                mayHaveChanged = true
                throw .outdated
            }
            if problem == nil { return expected }
        }
        return try Self.send(transaction, for: generation, over: socket, watch)
    }

    /// Submits this and all later transactions by netlink.
    mutating func useNetlink(because problem: String) {
        guard submission == .libnftables else { return }
        submission = .netlink
        fallback = problem
    }

    /// The maximum number of sends in one attempt; each takes about a millisecond.
    private static let mostAttempts = 1000

    private static func send(
        _ transaction: TableTransaction, for generation: UInt32?,
        over socket: borrowing MnlSocket, _ watch: ChangeWatch?
    ) throws(KernelFailure) -> UInt32? {
        var batch = NftBatch(generation: generation)
        transaction.write(to: &batch, submittedBy: .netlink)
        batch.finish()
        var generation = generation
        var attempts = 0
        while true {
            do {
                try socket.commit(batch)
                return generation.map(next)
            } catch {
                attempts += 1
                guard let watch, case .refused(let refusal) = error, refusal.isOutdated,
                    attempts < mostAttempts
                else { throw error }
                let present = try watch.follow(socket)
                batch.move(to: present)
                generation = present
            }
        }
    }

    /// Returns the generation that follows; the kernel skips 0.
    static func next(_ generation: UInt32) -> UInt32 {
        generation == .max ? 1 : generation + 1
    }

    /// Runs libnftables; returns why it didn't carry out `transaction`, nil if it did.
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
        let text = unsafe nftables_process_text(&result).map { unsafe String(cString: $0) } ?? ""
        let number = result.number
        switch result.end {
        case NFTABLES_PROCESS_DONE: return nil
        case NFTABLES_PROCESS_DIED: return "libnftables was killed by signal \(number)"
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
