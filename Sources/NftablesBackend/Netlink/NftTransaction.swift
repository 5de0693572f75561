import Glibc
import HostChange
import RuleIR
import Rtnetlink

extension MnlSocket {
    /// Has the kernel do all of `batch`; throws when it did nothing.
    ///
    /// The kernel goes on behind a message that it refuses, and names each: the first is to blame.
    func commit(_ batch: NftBatch) throws(Refusal) {
        let answers: [NetlinkAnswer]
        do {
            answers = try send(batch.writer.words)
        } catch {
            throw Refusal(error)
        }
        // What is refused in the end, or before the first message, is said of the whole.
        let refused = answers.filter { $0.code != 0 }
        if let first = refused.first(where: { batch.subject(of: $0.number) != .transaction })
            ?? refused.first
        {
            throw Refusal(first, of: batch)
        }
        // The last message is acknowledged when all went well.
        guard !answers.isEmpty else { throw Refusal(NetlinkError(code: ENOBUFS)) }
    }
}

extension RetryPolicy {
    /// How an attempt ended.
    enum Attempt<Value> {
        case done(Value)
        /// The next one may go better.
        case passing(Refusal)
    }

    /// Makes attempts while what was in the way passes.
    func attempting<Value>(
        _ body: () throws(BackendError) -> Attempt<Value>
    ) throws(BackendError) -> Value {
        for attempt in 0... {
            let refusal: Refusal
            switch try body() {
            case .done(let value): return value
            case .passing(let reason): refusal = reason
            }
            guard attempt < maxRetries else {
                throw .busy(attempts: attempt + 1, reason: refusal.reason)
            }
            // Somebody's change is complete: there is nothing to wait for.
            if attempt > 0 || refusal.code != ERESTART { pause(for: sleepBetweenRetries) }
        }
        throw .busy(attempts: 0, reason: "")
    }
}
