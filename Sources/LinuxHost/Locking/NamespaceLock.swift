import FaultPoints
import Glibc
package import RuleIR
import Netlink
import Synchronization

/// A lock that two tproxy processes of one network namespace can't hold together.
///
/// It is a socket bound to a group of nfnetlink_log: the namespace has each group once, binding needs
/// CAP_NET_ADMIN, and the kernel lets go when the process ends. Who holds it may take it again: a command
/// that looks, decides and changes holds it all the while, and the backend's own holding is then part of
/// the command's (docs/decisions/0043).
package enum NamespaceLock {
    private struct Place: Hashable {
        var namespace: ino_t
        var thread: pthread_t
    }

    private static let places = Mutex<Set<Place>>([])
    /// The letters "tp"; who goes past a holder that is stopped takes the next.
    private static let firstGroup: UInt16 = 0x7470
    /// How many stopped holders are gone past at the most.
    private static let groups: UInt16 = 16

    /// Runs a backend's change with the lock held; waits for it as `policy` says, then throws `.busy`.
    ///
    /// The change is finished before a SIGINT or SIGTERM ends the process, and made again where the
    /// process was stopped in the middle of it.
    package static func holding<Outcome: ChangeOutcome>(
        _ policy: RetryPolicy, passing: ((LockHolder) -> Void)? = nil,
        _ change: () throws(BackendError) -> Outcome
    ) throws(BackendError) -> Outcome {
        try holding(policy, passing: passing, refusal: { $0 }) { () throws(BackendError) in
            let signals = DeferredSignals()
            defer { signals.deliver() }
            return try StopWatch.unstopped(change)
        }
    }

    /// Runs `body` with the lock held; `refusal` is what to throw for `.busy`.
    ///
    /// With `passing`, a holder that is stopped isn't waited for, but told of. Where the kernel has no such
    /// lock there is none: a transaction is whole anyway.
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

    /// The network namespace of the calling thread; 0 where it can't be told, and then can't be left.
    private static var namespace: ino_t {
        var status = stat()
        return unsafe stat("/proc/thread-self/ns/net", &status) == 0 ? status.st_ino : 0
    }

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
