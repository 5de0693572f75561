import Addressing
import Glibc
import Netlink
import Rehearsal

/// A network namespace in which one contender loads its rules.
final class Arena {
    private let namespace: Namespace

    /// The descriptor of the namespace, for moving an interface into it.
    var descriptor: Int32 { namespace.descriptor }

    /// A path of the namespace, for programs that enter it themselves.
    var path: String { "/proc/\(getpid())/fd/\(descriptor)" }

    /// Creates a namespace with `lo` alone, up, and moves the thread into it.
    init() throws(BenchError) {
        namespace = try Self.step { () throws(RehearsalError) in try Namespace.fresh() }
        do {
            try Link.setUp(.loopback)
        } catch {
            throw .system(
                step: "setting up lo", reason: unsafe String(cString: strerror(error.code)))
        }
    }

    /// Moves the thread into it.
    func enter() throws(BenchError) {
        try Self.step { () throws(RehearsalError) in try namespace.enter() }
    }

    /// Throws unless the namespace is a fresh one, which has one interface.
    static func requirePrivate() throws(BenchError) {
        guard let list = unsafe if_nameindex() else {
            throw .system(step: "listing interfaces", reason: BenchError.lastReason)
        }
        defer { unsafe if_freenameindex(list) }
        var entry = unsafe list
        while let name = unsafe entry.pointee.if_name {
            let text = unsafe String(cString: name)
            guard text == "lo" else { throw .notPrivate(interface: text) }
            unsafe entry += 1
        }
    }

    private static func step<Value>(
        _ body: () throws(RehearsalError) -> Value
    ) throws(BenchError) -> Value {
        do {
            return try body()
        } catch {
            switch error {
            case .notPermitted(let step): throw .system(step: step, reason: "not permitted")
            case .setUpFailed(let step, let reason): throw .system(step: step, reason: reason)
            }
        }
    }
}
