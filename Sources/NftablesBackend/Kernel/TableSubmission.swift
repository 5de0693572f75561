import CNftablesProcess
import FaultPoints
import RuleIR
import Netlink

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

    /// Has the kernel do all of `transaction`, which is for rules of `generation`; the generation that it
    /// makes.
    ///
    /// Throws when the kernel did nothing, or when others changed rules between `generation` and the end.
    /// With `watch`, changes of other tables don't count.
    mutating func commit(
        _ transaction: TableTransaction, for generation: UInt32?,
        over socket: borrowing MnlSocket, _ watch: ChangeWatch? = nil
    ) throws(KernelFailure) -> UInt32? {
        switch way {
        case .netlink: break
        case .libnftables:
            let problem = Self.run(transaction)
            let now = try socket.generation()
            // libnftables takes whatever rules there are when it begins. Where that, or what came of it,
            // can't be told, the caller looks again.
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

    /// Sends everything from here on by netlink.
    mutating func useNetlink(because problem: String) {
        guard way == .libnftables else { return }
        way = .netlink
        fallback = problem
    }

    /// How often a transaction is sent again in one attempt; each takes about a millisecond.
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
