import Glibc
import LinuxHost
import Netlink
import RuleIR

/// The reason why an attempt failed.
enum KernelFailure: Error {
    /// The kernel refused.
    case refused(Refusal)
    /// Another attempt would fail in the same way.
    case final(BackendError)

    /// Whether the requested object doesn't exist.
    var isAbsence: Bool {
        switch self {
        case .refused(let refusal): refusal.isAbsence
        case .final: false
        }
    }

    /// Whether the kernel has no nf_tables at all.
    var isWithoutNfTables: Bool {
        switch self {
        case .refused(let refusal): refusal.isWithoutNfTables
        case .final: false
        }
    }

    /// Rules were changed since they were read.
    static var outdated: KernelFailure { .refused(Refusal(NetlinkError(code: ERESTART))) }

    /// Reads an object that existed a moment ago; throws `outdated` if it is gone.
    static func expectingPresence<Value>(
        _ body: () throws(KernelFailure) -> Value
    ) throws(KernelFailure) -> Value {
        do {
            return try body()
        } catch {
            guard error.isAbsence else { throw error }
            throw .outdated
        }
    }

    /// Queries the tables of all programs; returns `nothing` if the kernel lacks nf_tables.
    ///
    /// The answer may or may not include changes that happen during the query.
    static func listing<Value>(
        _ what: String, orNothing nothing: Value,
        _ body: (borrowing MnlSocket) throws(KernelFailure) -> Value
    ) throws(BackendError) -> Value {
        do throws(KernelFailure) {
            var socket = try MnlSocket.toNetfilter()
            socket.isStrict = false
            return try body(socket)
        } catch {
            switch error {
            case .final(let reason): throw reason
            case .refused(let refusal):
                switch refusal.code {
                case EPERM: throw .missingCapability("CAP_NET_ADMIN", isReading: true)
                case EOPNOTSUPP, EPROTONOSUPPORT, EINVAL, ENOENT: return nothing
                case _: throw .failed(operation: "listing \(what)", reason: refusal.reason)
                }
            }
        }
    }

    /// Runs an operation whose errors are final, so that it isn't repeated.
    static func wrapping<Value>(
        _ body: () throws(BackendError) -> Value
    ) throws(KernelFailure) -> Value {
        do {
            return try body()
        } catch {
            throw .final(error)
        }
    }
}

extension RetryPolicy {
    /// Repeats `body` while it fails for a temporary reason, as often as the policy allows.
    ///
    /// Throws `busy` when the attempts are used up.
    func attempting<Value>(
        _ body: () throws(KernelFailure) -> Value
    ) throws(BackendError) -> Value {
        var attempts = 0
        while true {
            let refusal: Refusal
            do throws(KernelFailure) {
                return try body()
            } catch {
                switch error {
                case .final(let reason): throw reason
                case .refused(let reason): refusal = reason
                }
            }
            guard refusal.isTemporary else { throw refusal.asBackendError }
            attempts += 1
            guard attempts <= maxRetries else {
                throw .busy(attempts: attempts, reason: refusal.reason)
            }
            // The other change is complete, so the first retry need not wait.
            let isPlain = refusal.isOutdated || refusal.isInterruption
            guard attempts == 1 && isPlain || DeferredSignals.pause(for: sleepBetweenRetries) else {
                throw .busy(attempts: attempts, reason: refusal.reason)
            }
        }
    }

    /// Reads a table, and again with a watch over it if rules change meanwhile.
    func reading<Value>(
        _ table: String, _ body: (borrowing MnlSocket) throws(KernelFailure) -> Value
    ) throws(BackendError) -> Value {
        var isDisturbed = false
        return try attempting { () throws(KernelFailure) in
            var socket = try MnlSocket.toNetfilter()
            guard isDisturbed else {
                isDisturbed = true
                return try body(socket)
            }
            socket.isStrict = false
            let watch = try ChangeWatch(table, of: socket)
            let value = try body(socket)
            _ = try watch.follow(socket)
            return value
        }
    }
}

extension MnlSocket {
    /// Opens a socket to netfilter for one conversation.
    static func toNetfilter() throws(KernelFailure) -> MnlSocket {
        do {
            return try MnlSocket(.netfilter)
        } catch {
            throw .refused(Refusal(error))
        }
    }
}
