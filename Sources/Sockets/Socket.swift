package import Addressing
import CLinux
import Glibc

/// An IPv4 or IPv6 socket that is closed exactly once.
///
/// It stays in the network namespace and keeps the owner that it was created with. Unless it is
/// created with `waits`, its calls return at once.
package final class Socket {
    package enum Kind: Hashable, Sendable {
        case stream
        case datagram
        /// Packets with their IP header; see raw(7).
        case raw
    }

    package let descriptor: Int32
    package let kind: Kind
    package let family: AddressFamily
    /// Whether closing resets the connection and frees its port, even if a child has a copy.
    ///
    /// A close(2) may not: while another thread starts a program, the child process holds a copy of
    /// every descriptor until its execve(2) closes them. Until then the socket would keep its port.
    package var disconnectsAtEnd = false
    private let waits: Bool

    /// Creates a socket; netfilter sees `owner` as the owner of its packets.
    ///
    /// The kernel takes the thread's file system UID at creation, which is `owner` meanwhile
    /// (setfsuid(2)). Throws EPERM if it can't be set, as without CAP_SETUID.
    package init(
        _ kind: Kind, _ family: AddressFamily, owner: UserID? = nil, waits: Bool = false
    ) throws(SocketError) {
        self.kind = kind
        self.family = family
        self.waits = waits
        descriptor = try Self.owned(by: owner) { () throws(SocketError) in
            try Self.make(kind, family, waits: waits)
        }
    }

    package convenience init(
        _ transport: TransportProtocol, _ family: AddressFamily, owner: UserID? = nil,
        waits: Bool = false
    ) throws(SocketError) {
        try self.init(
            transport == .tcp ? .stream : .datagram, family, owner: owner, waits: waits)
    }

    /// Creates a socket for a connection that a listener accepted.
    private init(accepted descriptor: Int32, from listener: Socket) {
        self.descriptor = descriptor
        kind = listener.kind
        family = listener.family
        disconnectsAtEnd = listener.disconnectsAtEnd
        waits = listener.waits
    }

    deinit {
        if disconnectsAtEnd {
            var unspecified = sockaddr()
            unspecified.sa_family = sa_family_t(AF_UNSPEC)
            _ = unsafe Glibc.connect(
                descriptor, &unspecified, socklen_t(MemoryLayout<sockaddr>.size))
        }
        close(descriptor)
    }

    private static func make(
        _ kind: Kind, _ family: AddressFamily, waits: Bool
    ) throws(SocketError) -> Int32 {
        let type =
            switch kind {
            case .stream: SOCK_STREAM
            case .datagram: SOCK_DGRAM
            case .raw: SOCK_RAW
            }
        let made = socket(
            family == .ipv4 ? AF_INET : AF_INET6,
            Int32(type.rawValue | SOCK_CLOEXEC.rawValue | (waits ? 0 : SOCK_NONBLOCK.rawValue)),
            kind == .raw ? Int32(IPPROTO_RAW) : 0)
        guard made >= 0 else { throw .last("creating a socket") }
        return made
    }

    private static func owned(
        by owner: UserID?, _ make: () throws(SocketError) -> Int32
    ) throws(SocketError) -> Int32 {
        guard let owner else { return try make() }
        let before = geteuid()
        guard clinux_set_filesystem_uid(owner.number) == 0 else {
            throw SocketError("setting the UID (CAP_SETUID)", code: EPERM)
        }
        let made = Result { () throws(SocketError) in try make() }
        guard clinux_set_filesystem_uid(before) == 0 else {
            if case .success(let descriptor) = made { close(descriptor) }
            throw SocketError("restoring the UID", code: EPERM)
        }
        return try made.get()
    }

    /// Runs `body` as a process of `owner` would call it.
    ///
    /// eBPF programs take the thread's real UID at the call, whoever created the socket. The thread
    /// keeps its capabilities. Throws EPERM if the UID can't be set, as without CAP_SETUID.
    package static func calling(
        as owner: UserID, _ body: () throws(SocketError) -> Void
    ) throws(SocketError) {
        let before = getuid()
        guard clinux_set_real_uid(owner.number) == 0 else {
            throw .last("setting the real UID (CAP_SETUID)")
        }
        let result = Result { () throws(SocketError) in try body() }
        guard clinux_set_real_uid(before) == 0 else { throw .last("restoring the real UID") }
        try result.get()
    }

    package func bind(to address: SocketAddress) throws(SocketError) {
        let status = unsafe address.withPointer { pointer, length in
            unsafe Glibc.bind(descriptor, pointer, length)
        }
        guard status == 0 else { throw .last("binding to \(address)") }
    }

    /// Binds to the address and listens; an IPv6 socket accepts no IPv4.
    package func listen(on address: SocketAddress) throws(SocketError) {
        try reuseAddress()
        if family == .ipv6 { try set(IPPROTO_IPV6, IPV6_V6ONLY, Int32(1)) }
        try bind(to: address)
        // The kernel reduces the length of the queue to its maximum (net.core.somaxconn).
        guard kind != .stream || Glibc.listen(descriptor, 1 << 16) == 0 else {
            throw .last("listening on \(address)")
        }
    }

    /// Starts to connect; the connection is established when the socket becomes writable.
    ///
    /// For other kinds of sockets, sets the destination of all packets.
    package func connect(to address: SocketAddress) throws(SocketError) {
        let status = unsafe address.withPointer { pointer, length in
            unsafe Glibc.connect(descriptor, pointer, length)
        }
        guard status == 0 || errno == EINPROGRESS else { throw .last("connecting to \(address)") }
    }

    /// Accepts a connection; returns nil if none is pending.
    package func accept() throws(SocketError) -> Socket? {
        let made = clinux_accept(descriptor, waits)
        guard made < 0 else { return Socket(accepted: made, from: self) }
        let error = SocketError.last("accepting a connection")
        // A connection that was closed before it was accepted doesn't count.
        guard error.isTemporary || error.code == ECONNABORTED else { throw error }
        return nil
    }

    /// The local address of the socket.
    package var localAddress: SocketAddress? {
        unsafe SocketAddress { address, length in
            unsafe getsockname(descriptor, address, &length) == 0
        }
    }

    /// The address of the peer.
    package var peer: SocketAddress? {
        unsafe SocketAddress { address, length in
            unsafe getpeername(descriptor, address, &length) == 0
        }
    }

    /// The destination before a redirect; nil if the kernel doesn't track the connection.
    package var originalDestination: SocketAddress? {
        // SO_ORIGINAL_DST and IP6T_SO_ORIGINAL_DST of <linux/netfilter_ipv4.h> are both 80.
        let level = family == .ipv4 ? Int32(IPPROTO_IP) : Int32(IPPROTO_IPV6)
        return unsafe SocketAddress { address, length in
            unsafe getsockopt(descriptor, level, 80, address, &length) == 0
        }
    }
}
