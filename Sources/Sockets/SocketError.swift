import Glibc

/// An error of a call on a socket.
package struct SocketError: Error, Hashable, CustomStringConvertible {
    /// The failed step, such as "binding to 10.0.0.1 port 80".
    package let step: String
    /// An errno(3) value.
    package let code: Int32

    package init(_ step: String, code: Int32) {
        self.step = step
        self.code = code
    }

    /// Creates the error of the call that has just failed, from errno.
    package static func last(_ step: String) -> SocketError { SocketError(step, code: errno) }

    /// Whether the call may succeed later, on a nonblocking socket.
    package var isTemporary: Bool { code == EAGAIN || code == EINPROGRESS || code == EINTR }

    /// The text of strerror(3) for the code.
    package var reason: String { unsafe String(cString: strerror(code)) }

    package var description: String { "\(step): \(reason)" }
}
