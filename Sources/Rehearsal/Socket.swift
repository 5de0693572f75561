import Addressing
import CLinux
import Glibc

/// A socket, closed exactly once.
///
/// It keeps the namespace and the owner it was made with.
final class Socket {
    /// More than the packets of one batch.
    private static let backlog: Int32 = 1024

    let descriptor: Int32
    let transport: TransportProtocol
    let family: AddressFamily

    /// Makes a non-blocking socket that `owner` owns, as netfilter sees it.
    ///
    /// The owner is the thread's file system user at this moment (setfsuid(2)).
    init(
        _ transport: TransportProtocol, _ family: AddressFamily, owner: UserID
    ) throws(RehearsalError) {
        let before = geteuid()
        guard clinux_set_filesystem_uid(owner.number) == 0 else {
            throw .notPermitted(step: "setting the UID (CAP_SETUID)")
        }
        let type = transport == .tcp ? SOCK_STREAM : SOCK_DGRAM
        let made = socket(
            family == .ipv4 ? AF_INET : AF_INET6,
            Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue),
            0)
        let code = errno
        guard clinux_set_filesystem_uid(before) == 0 else {
            throw .notPermitted(step: "restoring the UID")
        }
        guard made >= 0 else { throw .system("creating a socket", code: code) }
        descriptor = made
        self.transport = transport
        self.family = family
        guard clinux_set_nonblocking(made) == 0 else { throw .system("creating a socket") }
        if family == .ipv6 { try set(IPPROTO_IPV6, IPV6_V6ONLY) }
    }

    /// Takes over a connection that a listener accepted.
    init(accepted descriptor: Int32, from listener: Socket) {
        self.descriptor = descriptor
        transport = listener.transport
        family = listener.family
    }

    deinit {
        disconnect()
        close(descriptor)
    }

    /// Ends the connection with a reset and stops listening, at once.
    ///
    /// A close(2) may not: while another thread starts a program, the child process holds a copy of
    /// every descriptor until its execve(2) closes them. Till then the socket would keep its port.
    private func disconnect() {
        var unspecified = sockaddr()
        unspecified.sa_family = sa_family_t(AF_UNSPEC)
        _ = unsafe Glibc.connect(
            descriptor, &unspecified, socklen_t(MemoryLayout<sockaddr>.size))
    }

    /// Binds to an address, which needn't be an interface's (IP_FREEBIND).
    func bind(to address: IPAddress, _ port: UInt16) throws(RehearsalError) {
        try set(SOL_SOCKET, SO_REUSEADDR)
        switch family {
        case .ipv4: try set(Int32(IPPROTO_IP), IP_FREEBIND)
        case .ipv6: try set(IPPROTO_IPV6, IPV6_FREEBIND)
        }
        let status = unsafe SocketAddress(address, port).withPointer { pointer, length in
            unsafe Glibc.bind(descriptor, pointer, length)
        }
        guard status == 0 else { throw .system("binding to \(address) port \(port)") }
    }

    /// Binds, and takes what comes.
    func listen(on address: IPAddress, _ port: Port) throws(RehearsalError) {
        try bind(to: address, port.number)
        if transport == .tcp, Glibc.listen(descriptor, Self.backlog) != 0 {
            throw .system("listening on \(address) port \(port)")
        }
    }

    /// Begins a connection; for UDP, says where everything goes.
    ///
    /// Nil, or errno(3).
    func connect(to address: IPAddress, _ port: Port) -> Int32? {
        let status = unsafe SocketAddress(address, port.number).withPointer { pointer, length in
            unsafe Glibc.connect(descriptor, pointer, length)
        }
        return status == 0 || errno == EINPROGRESS ? nil : errno
    }

    func accept() -> Socket? {
        let made = clinux_accept(descriptor)
        return made >= 0 ? Socket(accepted: made, from: self) : nil
    }

    /// Sends to whom the socket is connected; nil, or errno(3).
    func send(_ text: String) -> Int32? {
        let bytes = Array(text.utf8)
        let count = unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        return count == bytes.count ? nil : errno
    }

    /// What has arrived; nil when nothing has.
    func receive() -> String? {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
    }

    /// Takes a datagram and sends `answer` back to its sender, whose address it gives.
    ///
    /// Nil when none has come.
    func answerDatagram(_ answer: String) -> (address: IPAddress, port: UInt16)? {
        var buffer = [UInt8](repeating: 0, count: 256)
        var storage = [UInt8](repeating: 0, count: SocketAddress.maximumSize)
        var length = socklen_t(storage.count)
        let isAnswered = unsafe storage.withUnsafeMutableBytes { storage in
            guard
                let address = unsafe storage.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                unsafe recvfrom(descriptor, &buffer, buffer.count, 0, address, &length) > 0
            else { return false }
            let bytes = Array(answer.utf8)
            _ = unsafe sendto(descriptor, bytes, bytes.count, 0, address, length)
            return true
        }
        return isAnswered ? SocketAddress.read(storage, family) : nil
    }

    /// Who is at the other end of the connection.
    var peer: (address: IPAddress, port: UInt16)? {
        var storage = [UInt8](repeating: 0, count: SocketAddress.maximumSize)
        var length = socklen_t(storage.count)
        let status = unsafe storage.withUnsafeMutableBytes { storage in
            guard
                let address = unsafe storage.baseAddress?.assumingMemoryBound(to: sockaddr.self)
            else { return Int32(-1) }
            return unsafe getpeername(descriptor, address, &length)
        }
        return status == 0 ? SocketAddress.read(storage, family) : nil
    }

    /// What is wrong with the socket, as errno(3) has it; nil for nothing.
    var failure: Int32? {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        return code == 0 ? nil : code
    }

    /// The address and port that the connection was going to before it was redirected.
    var originalDestination: (address: IPAddress, port: UInt16)? {
        var storage = [UInt8](repeating: 0, count: 128)
        var length = socklen_t(storage.count)
        // SO_ORIGINAL_DST and IP6T_SO_ORIGINAL_DST, <linux/netfilter_ipv4.h>, are both 80.
        let level = family == .ipv4 ? Int32(IPPROTO_IP) : Int32(IPPROTO_IPV6)
        guard unsafe getsockopt(descriptor, level, 80, &storage, &length) == 0 else { return nil }
        return SocketAddress.read(storage, family)
    }

    private func set(_ level: Int32, _ option: Int32) throws(RehearsalError) {
        var on: Int32 = 1
        guard
            unsafe setsockopt(
                descriptor, level, option, &on, socklen_t(MemoryLayout<Int32>.size)) == 0
        else { throw .system("setting a socket option") }
    }

    private func set(_ level: Int, _ option: Int32) throws(RehearsalError) {
        try set(Int32(level), option)
    }
}

/// A `sockaddr` of either family.
struct SocketAddress {
    /// The size of `struct sockaddr_storage`.
    static let maximumSize = MemoryLayout<sockaddr_storage>.size

    private var bytes: [UInt8]

    /// What the kernel has written.
    static func read(
        _ storage: [UInt8], _ family: AddressFamily
    ) -> (address: IPAddress, port: UInt16) {
        let bytes = family == .ipv4 ? storage[4..<8] : storage[8..<24]
        return (
            IPAddress(family: family, bytes: bytes), UInt16(storage[2]) << 8 | UInt16(storage[3])
        )
    }

    init(_ address: IPAddress, _ port: UInt16) {
        let portBytes = [UInt8(port >> 8), UInt8(truncatingIfNeeded: port)]
        let family = UInt16(address.family == .ipv4 ? AF_INET : AF_INET6)
        let familyBytes = unsafe withUnsafeBytes(of: family) { unsafe Array($0) }
        switch address.family {
        // sin_family, sin_port, sin_addr, sin_zero
        case .ipv4:
            bytes = familyBytes + portBytes + address.bytes + Array(repeating: 0, count: 8)
        // sin6_family, sin6_port, sin6_flowinfo, sin6_addr, sin6_scope_id
        case .ipv6:
            bytes =
                familyBytes + portBytes + [0, 0, 0, 0] + address.bytes + [0, 0, 0, 0]
        }
    }

    func withPointer<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var storage = sockaddr_storage()
        unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.copyBytes(from: bytes) }
        let length = socklen_t(bytes.count)
        return unsafe withUnsafePointer(to: storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, length)
            }
        }
    }
}
