import FaultPoints
import Glibc
import Netlink

extension MnlSocket {
    /// Has the kernel do all of `batch`; throws when it did nothing.
    ///
    /// The kernel goes on behind a message that it refuses, and names each: the first is to blame.
    func commit(_ batch: NftBatch) throws(KernelFailure) {
        let answers: [NetlinkAnswer]
        do {
            answers = try systemCall(.tableSubmit, failing: NetlinkError.refuse) {
                () throws(NetlinkError) in try send(batch.writer.words)
            }
        } catch {
            throw .refused(Refusal(error))
        }
        // What is refused in the end, or before the first message, is said of the whole.
        let refused = answers.filter { $0.code != 0 }
        if let first = refused.first(where: { batch.subject(of: $0.number) != .transaction })
            ?? refused.first
        {
            throw .refused(Refusal(first, of: batch))
        }
        // The last message is acknowledged when all went well.
        guard !answers.isEmpty else { throw .refused(Refusal(NetlinkError(code: ENOBUFS))) }
    }
}
