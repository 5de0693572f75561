import CLinux
import FaultPoints
import Glibc

/// Another network namespace, which a thread enters and leaves again.
///
/// Namespaces belong to threads: what the calling thread does inside affects no other thread.
package struct NetworkNamespace: ~Copyable {
    /// The reason why a namespace can't be entered.
    package enum Failure: Error, Hashable, Sendable {
        /// Nothing is at the path.
        case missing
        /// The path leads to something else than a network namespace.
        case other(reason: String)
        /// The path leads to the namespace that the thread is in already.
        case current
        /// The kernel refuses; entering needs CAP_SYS_ADMIN.
        case refused(reason: String)
    }

    private static let currentPath = "/proc/thread-self/ns/net"

    private let target: Descriptor
    private let current: Descriptor

    /// Opens the namespace at `path`, such as `/run/netns/pod`.
    package init(_ path: String) throws(Failure) {
        // Without O_NONBLOCK, opening a pipe without a writer would block.
        guard let target = Descriptor(AT_FDCWD, path, O_RDONLY | O_NONBLOCK) else {
            throw Self.failure(errno)
        }
        guard let current = Descriptor(AT_FDCWD, Self.currentPath, O_RDONLY) else {
            throw .refused(reason: unsafe String(cString: strerror(errno)))
        }
        guard let status = target.status, let own = current.status else {
            throw .refused(reason: unsafe String(cString: strerror(errno)))
        }
        guard status.st_ino != own.st_ino || status.st_dev != own.st_dev else { throw .current }
        self.target = target
        self.current = current
    }

    /// Runs `body` with the calling thread inside; `refusal` makes the error to throw.
    package func within<Value, Problem: Error>(
        refusal: (Failure) -> Problem, _ body: () throws(Problem) -> Value
    ) throws(Problem) -> Value {
        try enter(target, refusal)
        let result = Result(catching: body)
        try enter(current, refusal)
        return try result.get()
    }

    private func enter<Problem: Error>(
        _ namespace: borrowing Descriptor, _ refusal: (Failure) -> Problem
    ) throws(Problem) {
        let number = namespace.number
        guard systemCall(.namespaceEnter, { clinux_enter_network(number) }) == 0 else {
            let code = errno
            throw refusal(
                code == EINVAL
                    ? .other(reason: "it is not a network namespace") : Self.failure(code))
        }
    }

    private static func failure(_ code: Int32) -> Failure {
        let reason = unsafe String(cString: strerror(code))
        return switch code {
        case ENOENT, ENOTDIR: .missing
        case EISDIR, ELOOP, ENAMETOOLONG, ENXIO: .other(reason: reason)
        case _: .refused(reason: reason)
        }
    }
}
