package import CMnl
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

    /// Sends the message that `build` writes and hands every answer to `receive`.
    ///
    /// Ends at the acknowledgement, at the end of a dump, or at the kernel's error, which it throws.
    /// `build` gets zeroed memory of 8 KiB; a message is far smaller.
    package func request(
        _ build: (UnsafeMutableRawPointer) -> UnsafeMutablePointer<nlmsghdr>,
        receive: (UnsafePointer<nlmsghdr>) -> Void = { _ in }
    ) throws(NetlinkError) {
        try systemCall(.netlinkRequest, failing: NetlinkError.refuse) {
            () throws(NetlinkError) in try unsafe converse(build, receive)
        }
    }

    private func converse(
        _ build: (UnsafeMutableRawPointer) -> UnsafeMutablePointer<nlmsghdr>,
        _ receive: (UnsafePointer<nlmsghdr>) -> Void
    ) throws(NetlinkError) {
        let size = 8192
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        defer { unsafe memory.deallocate() }
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        let message = unsafe build(memory)
        unsafe message.pointee.nlmsg_seq = 1
        let length = unsafe Int(message.pointee.nlmsg_len)
        let sent = systemCall(.netlinkSend) { unsafe mnl_socket_sendto(handle, message, length) }
        guard sent == length else {
            throw NetlinkError(code: errno)
        }
        let answerSize = 1 << 16
        let answer = UnsafeMutableRawPointer.allocate(byteCount: answerSize, alignment: 16)
        defer { unsafe answer.deallocate() }
        while true {
            let count = systemCall(.netlinkReceive) {
                unsafe mnl_socket_recvfrom(handle, answer, answerSize)
            }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw NetlinkError(code: count == 0 ? EPIPE : errno)
            }
            if try unsafe read(answer, count, receive) { return }
        }
    }

    /// Returns whether the conversation is over.
    private func read(
        _ answer: UnsafeMutableRawPointer, _ count: Int,
        _ receive: (UnsafePointer<nlmsghdr>) -> Void
    ) throws(NetlinkError) -> Bool {
        var rest = Int32(count)
        var message = unsafe UnsafePointer(answer.assumingMemoryBound(to: nlmsghdr.self))
        while unsafe mnl_nlmsg_ok(message, rest) {
            switch unsafe Int32(message.pointee.nlmsg_type) {
            case NLMSG_ERROR:
                guard let payload = unsafe mnl_nlmsg_get_payload(message) else { return true }
                let code = unsafe payload.load(as: nlmsgerr.self).error
                if code == 0 { return true }
                throw NetlinkError(code: -code)
            case NLMSG_DONE: return true
            case _:
                unsafe receive(message)
            }
            unsafe message = UnsafePointer(mnl_nlmsg_next(message, &rest))
        }
        return false
    }
}
