import FaultPoints
import Glibc
import Netlink
package import RuleIR
import Synchronization

/// A lock that one tproxy process of a network namespace can hold at a time.
///
/// It is a socket bound to a group of nfnetlink_log: each group exists once per namespace, binding
/// needs CAP_NET_ADMIN, and the kernel releases it when the process ends. The lock is reentrant: a
/// command that reads, decides and changes holds it throughout, and a backend that acquires it
/// within the command gets the command's lock (docs/decisions/0043).
package enum NamespaceLock {
    private struct Place: Hashable {
        var namespace: Int
        var thread: pthread_t
    }

    private static let places = Mutex<Set<Place>>([])
    /// The letters "tp"; a process that passes a stopped holder uses the next group.
    private static let firstGroup: UInt16 = 0x7470
    /// The maximum number of stopped holders that are passed.
    private static let groups: UInt16 = 16

    /// Runs a backend's change with the lock held; throws `.busy` after the wait of `policy`.
    ///
    /// The change finishes before a SIGINT or SIGTERM ends the process. It is repeated if the
    /// process was stopped during it.
    package static func holding<Outcome: ChangeOutcome>(
        _ policy: RetryPolicy, passing: ((LockHolder) -> Void)? = nil,
        _ change: () throws(BackendError) -> Outcome
    ) throws(BackendError) -> Outcome {
        try holding(policy, passing: passing, refusal: { $0 }) { () throws(BackendError) in
            let signals = DeferredSignals()
            defer { signals.deliver() }
            return try StopWatch.repeatingIfStopped(change)
        }
    }

    /// Runs `body` with the lock held; `refusal` makes the error to throw from a backend's.
    ///
    /// With `passing`, a stopped holder is reported instead of waited for. On a kernel without
    /// nfnetlink_log nothing is locked; a transaction is atomic anyway.
    package static func holding<Value, Failure: Error>(
        _ policy: RetryPolicy, passing: ((LockHolder) -> Void)? = nil,
        refusal: (BackendError) -> Failure, _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let place = Place(namespace: namespace, thread: pthread_self())
        guard places.withLock({ $0.insert(place).inserted }) else { return try body() }
        defer { places.withLock { _ = $0.remove(place) } }
        let lock: GroupLock
        do throws(BackendError) {
            lock = try wait(policy, passing)
        } catch {
            throw refusal(error)
        }
        let result = Result(catching: body)
        lock.release()
        return try result.get()
    }

    /// The network namespace of the calling thread; 0 if it is unknown and so can't be left.
    private static var namespace: Int { (try? NamespaceIdentity.currentInode) ?? 0 }

    private static func wait(
        _ policy: RetryPolicy, _ passing: ((LockHolder) -> Void)?
    ) throws(BackendError) -> GroupLock {
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: policy.wait)
        var group = firstGroup
        var looks = 1
        while true {
            let lock = try GroupLock(group)
            if !lock.isHeldElsewhere { return lock }
            if let passing, group < firstGroup + groups,
                let holder = LockHolder.ofLogGroup(group), holder.isStopped
            {
                passing(holder)
                group += 1
                continue
            }
            guard clock.now < end else {
                let holder = LockHolder.ofLogGroup(group).map { ": \($0.words)" } ?? ""
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
