import Glibc

/// What the kernel answered to a netlink request.
package struct NetlinkError: Error, Hashable, Sendable {
    /// The errno(3) value; positive.
    package var code: Int32

    package init(code: Int32) {
        self.code = code
    }

    /// For a step that fails on purpose.
    package static func refuse<Value>(_ code: Int32) throws(NetlinkError) -> Value {
        throw NetlinkError(code: code)
    }

    /// The system's words for the code.
    package var reason: String { unsafe String(cString: strerror(code)) }
}
