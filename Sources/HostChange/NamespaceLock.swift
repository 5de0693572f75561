import FaultPoints
import Glibc
package import RuleIR
import Synchronization

/// A lock that two tproxy processes of one network namespace can't hold together.
///
/// It is an flock(2) on the namespace itself, so it leaves no file and ends with the process. Who holds
/// it may take it again: a command that looks, decides and changes holds it all the while, and the
/// backend's own holding is then part of the command's.
package enum NamespaceLock {
    private struct Holder: Hashable {
        var namespace: ino_t
        var thread: pthread_t
    }

    private static let path = "/proc/thread-self/ns/net"
    private static let holders = Mutex<Set<Holder>>([])

    /// Runs a backend's change with the lock held; waits for it as `policy` says, then throws `.busy`.
    ///
    /// The change is finished before a SIGINT or SIGTERM ends the process.
    package static func holding<Value>(
        _ policy: RetryPolicy, _ change: () throws(BackendError) -> Value
    ) throws(BackendError) -> Value {
        try holding(policy, refusal: { $0 }) { () throws(BackendError) in
            let signals = DeferredSignals()
            defer { signals.deliver() }
            return try change()
        }
    }

    /// Runs `body` with the lock held; `refusal` is what to throw for `.busy`.
    ///
    /// Where the kernel can't lock a namespace there is no lock: a transaction is whole anyway.
    package static func holding<Value, Failure: Error>(
        _ policy: RetryPolicy, refusal: (BackendError) -> Failure,
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let descriptor = systemCall(.fileOpen) { unsafe open(path, O_RDONLY | O_CLOEXEC) }
        var status = stat()
        guard descriptor >= 0 else { return try body() }
        defer { close(descriptor) }
        guard unsafe fstat(descriptor, &status) == 0 else { return try body() }
        let holder = Holder(namespace: status.st_ino, thread: pthread_self())
        let isNew = holders.withLock { $0.insert(holder).inserted }
        guard isNew else { return try body() }
        defer { holders.withLock { _ = $0.remove(holder) } }
        do throws(BackendError) {
            try wait(for: descriptor, policy)
        } catch {
            throw refusal(error)
        }
        return try body()
    }

    private static func wait(
        for descriptor: Int32, _ policy: RetryPolicy
    ) throws(BackendError) {
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: policy.wait)
        var looks = 1
        while systemCall(.namespaceLock, { flock(descriptor, LOCK_EX | LOCK_NB) }) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { return }
            guard clock.now < end else {
                let holder = LockHolder.describe(path).map { ": \($0)" } ?? ""
                throw .busy(
                    attempts: looks, reason: "another tproxy is changing the rules\(holder)")
            }
            looks += 1
            pause(for: policy.waitInterval == .zero ? .milliseconds(100) : policy.waitInterval)
        }
    }
}

/// Sleeps the calling thread.
package func pause(for duration: Duration) {
    let (seconds, attoseconds) = duration.components
    var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    var rest = timespec()
    while unsafe nanosleep(&time, &rest) != 0, errno == EINTR { time = rest }
}
