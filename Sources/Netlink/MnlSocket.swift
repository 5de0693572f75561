import CMnl
import FaultPoints
import Glibc
import Synchronization

/// A netlink socket of the calling thread's network namespace, closed exactly once.
///
/// The corresponding C type is `struct mnl_socket`.
@safe
package struct MnlSocket: ~Copyable {
    /// The kernel subsystem that answers.
    package enum Bus: Sendable {
        case route
        case netfilter
        case sockets
    }

    let handle: OpaquePointer
    /// The kernel's port number of this socket.
    package let port: UInt32
    /// Whether a dump fails if anything changes meanwhile; otherwise the caller detects changes.
    package var isStrict = true

    package init(_ bus: Bus) throws(NetlinkError) {
        let number: Int32 =
            switch bus {
            case .route: NETLINK_ROUTE
            case .netfilter: NETLINK_NETFILTER
            case .sockets: NETLINK_SOCK_DIAG
            }
        let opened = unsafe systemCall(.netlinkOpen) {
            unsafe mnl_socket_open2(number, Int32(SOCK_CLOEXEC.rawValue))
        }
        guard let handle = unsafe opened else {
            throw NetlinkError(code: errno)
        }
        guard unsafe mnl_socket_bind(handle, 0, 0) == 0 else {
            let code = errno
            unsafe mnl_socket_close(handle)
            throw NetlinkError(code: code)
        }
        port = unsafe mnl_socket_get_portid(handle)
        unsafe self.handle = handle
    }

    deinit {
        _ = unsafe mnl_socket_close(handle)
    }

    /// The file descriptor, for poll(2).
    package var descriptor: Int32 { unsafe mnl_socket_get_fd(handle) }

    /// The number that identifies the socket's network namespace until the kernel restarts; nil
    /// before Linux 5.14.
    package var namespaceCookie: UInt64? {
        var cookie: UInt64 = 0
        var size = socklen_t(MemoryLayout<UInt64>.size)
        let result = unsafe getsockopt(
            mnl_socket_get_fd(handle), SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size)
        return result == 0 ? cookie : nil
    }

    /// The purpose of a socket that is left open.
    package enum Use: Hashable, Sendable {
        case rules
        case lock
    }

    /// Leaves the socket open until the process ends, or until the next one of the same use.
    ///
    /// The kernel closes an nf_tables socket only after it has freed everything that a transaction
    /// deleted. That takes an RCU grace period, some 10 ms (`nft_rcv_nl_event` waits for the work
    /// that frees). The process does something useful meanwhile.
    package consuming func closeLater(_ use: Use = .rules) {
        let address = unsafe UInt(bitPattern: handle)
        discard self
        let former = Self.leftOpen.withLock { left in
            let former = left[use] ?? 0
            left[use] = address
            return former
        }
        if let former = unsafe OpaquePointer(bitPattern: former) {
            _ = unsafe mnl_socket_close(former)
        }
    }

    /// Closes the sockets that were left open, which keep their network namespaces alive.
    ///
    /// For a program that goes on to run.
    package static func closeLeftOpen() {
        let left = leftOpen.withLock { left in
            defer { left = [:] }
            return left
        }
        for address in left.values {
            guard let handle = unsafe OpaquePointer(bitPattern: address) else { continue }
            _ = unsafe mnl_socket_close(handle)
        }
    }

    /// The addresses of the open handles.
    private static let leftOpen = Mutex<[Use: UInt]>([:])
}

extension MnlSocket {
    /// Joins a group of kernel notifications, and limits each wait for them to one second.
    ///
    /// The kernel drops notifications that don't fit and reports that once (ENOBUFS), so the buffer
    /// is large (64 MiB).
    /// With `room` nil, the kernel's default stays, for callers to whom a loss is a notification.
    package func join(group: UInt32, room: Int32? = 64 << 20) throws(NetlinkError) {
        let file = unsafe mnl_socket_get_fd(handle)
        let length = socklen_t(MemoryLayout<Int32>.size)
        if var room {
            if unsafe setsockopt(file, SOL_SOCKET, SO_RCVBUFFORCE, &room, length) != 0 {
                _ = unsafe setsockopt(file, SOL_SOCKET, SO_RCVBUF, &room, length)
            }
        }
        var time = timeval(tv_sec: 1, tv_usec: 0)
        _ = unsafe setsockopt(
            file, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        var number = group
        let joined = unsafe mnl_socket_setsockopt(
            handle, NETLINK_ADD_MEMBERSHIP, &number, length)
        guard joined == 0 else { throw NetlinkError(code: errno) }
    }
}
