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

    /// Whether no part of the kernel takes such requests: its module is missing.
    package var isMissingSubsystem: Bool {
        [EINVAL, EOPNOTSUPP, EPROTONOSUPPORT].contains(code)
    }

    /// The system's words for the code.
    package var reason: String { unsafe String(cString: strerror(code)) }
}
