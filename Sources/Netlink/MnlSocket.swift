import CMnl
import FaultPoints
import Glibc
import Synchronization

/// A netlink socket of the calling thread's network namespace, closed exactly once.
///
/// The corresponding C type is `struct mnl_socket`.
@safe
package struct MnlSocket: ~Copyable {
    /// Which part of the kernel answers.
    package enum Bus: Sendable {
        case route
        case netfilter
        case sockets
    }

    let handle: OpaquePointer
    /// The kernel's name for this socket.
    package let port: UInt32
    /// Whether what is dumped must not change meanwhile; who says no finds that out otherwise.
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

    /// What a socket that is left open was for.
    package enum Use: Hashable, Sendable {
        case rules
        case lock
    }

    /// Leaves the socket for the process's end to close; of several of one use, the last one.
    ///
    /// The kernel closes no socket of nf_tables before it has freed all that a transaction took out, which
    /// takes an RCU grace period, some 10 ms (`nft_rcv_nl_event` waits for the work that frees). A process
    /// has something to do meanwhile.
    package consuming func leaveOpen(_ use: Use = .rules) {
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

    /// The addresses of the handles.
    private static let leftOpen = Mutex<[Use: UInt]>([:])
}
