import Glibc

/// Why a call on a socket failed.
package struct SocketError: Error, Hashable, CustomStringConvertible {
    /// What was being done: "binding to 10.0.0.1 port 80".
    package let step: String
    /// An errno(3) value.
    package let code: Int32

    package init(_ step: String, code: Int32) {
        self.step = step
        self.code = code
    }

    /// For the call that has just failed.
    package static func last(_ step: String) -> SocketError { SocketError(step, code: errno) }

    /// Whether the call may succeed later, on a socket that doesn't wait.
    package var isPassing: Bool { code == EAGAIN || code == EINPROGRESS || code == EINTR }

    /// The system's words for the code.
    package var reason: String { unsafe String(cString: strerror(code)) }

    package var description: String { "\(step): \(reason)" }
}
