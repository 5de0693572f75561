import Glibc

/// The kernel's error for a netlink request.
package struct NetlinkError: Error, Hashable, Sendable {
    /// The errno(3) value, positive.
    package var code: Int32

    package init(code: Int32) {
        self.code = code
    }

    /// Throws the error of an injected fault.
    package static func refuse<Value>(_ code: Int32) throws(NetlinkError) -> Value {
        throw NetlinkError(code: code)
    }

    /// Whether the kernel has no subsystem for the request because its module is missing.
    package var isMissingSubsystem: Bool {
        [EINVAL, EOPNOTSUPP, EPROTONOSUPPORT].contains(code)
    }

    /// The system's text for the code.
    package var reason: String { unsafe String(cString: strerror(code)) }
}
