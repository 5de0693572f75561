import FaultPoints
import Glibc
package import RuleIR

/// A lock that two tproxy processes of one network namespace can't hold together.
///
/// It is an flock(2) on the namespace itself, so it leaves no file and ends with the process.
package enum NamespaceLock {
    private static let path = "/proc/thread-self/ns/net"

    /// Runs `body` with the lock held; waits for it as `policy` says, then throws `.busy`.
    ///
    /// Where the kernel can't lock a namespace there is no lock: the transaction is whole anyway.
    package static func holding<Value>(
        _ policy: RetryPolicy, _ body: () throws(BackendError) -> Value
    ) throws(BackendError) -> Value {
        let descriptor = systemCall(.fileOpen) { unsafe open(path, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { return try body() }
        defer { close(descriptor) }
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: policy.wait)
        var looks = 1
        while systemCall(.namespaceLock, { flock(descriptor, LOCK_EX | LOCK_NB) }) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { break }
            guard clock.now < end else {
                let holder = LockHolder.describe(path).map { ": \($0)" } ?? ""
                throw .busy(
                    attempts: looks, reason: "another tproxy is changing the rules\(holder)")
            }
            looks += 1
            pause(for: policy.waitInterval == .zero ? .milliseconds(100) : policy.waitInterval)
        }
        return try body()
    }
}

/// Sleeps the calling thread.
package func pause(for duration: Duration) {
    let (seconds, attoseconds) = duration.components
    var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    var rest = timespec()
    while unsafe nanosleep(&time, &rest) != 0, errno == EINTR { time = rest }
}
