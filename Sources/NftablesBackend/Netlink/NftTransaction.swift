import FaultPoints
import Glibc
import Netlink

extension MnlSocket {
    /// Makes the kernel execute all of `batch`; throws if it did nothing.
    ///
    /// The kernel continues after a message that it refuses, and reports each. The error names the
    /// first.
    func commit(_ batch: NftBatch) throws(KernelFailure) {
        let answers: [NetlinkAnswer]
        do {
            answers = try systemCall(.tableSubmit, failing: NetlinkError.refuse) {
                () throws(NetlinkError) in try send(batch.writer.words)
            }
        } catch {
            throw .refused(Refusal(error))
        }
        // An error at the commit, or before the first message, concerns the whole transaction.
        let refused = answers.filter { $0.code != 0 }
        if let first = refused.first(where: { batch.subject(of: $0.number) != .transaction })
            ?? refused.first
        {
            throw .refused(Refusal(first, of: batch))
        }
        // The last message is acknowledged on success.
        guard !answers.isEmpty else { throw .refused(Refusal(NetlinkError(code: ENOBUFS))) }
    }
}
