import CLinux
import Glibc

/// An errno(3) and its description.
struct SystemError: Error, CustomStringConvertible {
    let code: Int32

    init(_ code: Int32 = errno) {
        self.code = code
    }

    var isPassing: Bool { code == EAGAIN || code == EINPROGRESS || code == EINTR }
    var words: String { unsafe String(cString: strerror(code)) }
    var description: String { words }
}

enum Transport: Sendable {
    case tcp
    case udp
}

/// A non-blocking socket, closed exactly once.
final class Socket {
    let descriptor: Int32

    init(_ transport: Transport, _ family: Int32) throws(SystemError) {
        let type =
            switch transport {
            case .tcp: SOCK_STREAM
            case .udp: SOCK_DGRAM
            }
        descriptor = socket(
            family,
            Int32(type.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError() }
    }

    private init(accepted descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Listens on an address; IPv6 sockets accept no IPv4.
    func listen(on endpoint: Endpoint, _ transport: Transport) throws(SystemError) {
        try set(SOL_SOCKET, SO_REUSEADDR, 1)
        if endpoint.family == AF_INET6 { try set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
        try bind(to: endpoint)
        switch transport {
        case .tcp:
            // The kernel lowers it to net.core.somaxconn.
            guard Glibc.listen(descriptor, 1 << 16) == 0 else { throw SystemError() }
        case .udp:
            // Room for all datagrams while a busy machine runs other processes. Only CAP_NET_ADMIN
            // exceeds the kernel's usual limit (net.core.rmem_max).
            let size: Int32 = 1 << 23
            if (try? set(SOL_SOCKET, SO_RCVBUFFORCE, size)) == nil {
                try set(SOL_SOCKET, SO_RCVBUF, size)
            }
        }
    }

    /// Sends from this address; the kernel chooses the port when the peer is known, so that there
    /// can be as many connections as pairs of endpoints.
    func send(from source: Endpoint) throws(SystemError) {
        try set(Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, 1)
        try bind(to: source)
    }

    /// Makes the connection end with a RST: no port is kept waiting (TIME_WAIT).
    func closeByReset() throws(SystemError) {
        var value = linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout<linger>.size)
        guard unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &value, size) == 0
        else { throw SystemError() }
    }

    /// Sends small messages at once.
    func dontDelay() throws(SystemError) {
        try set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    }

    /// Begins a connection, which is established when the socket is writable.
    func connect(to endpoint: Endpoint) throws(SystemError) {
        let status = unsafe endpoint.withPointer { pointer, length in
            unsafe Glibc.connect(descriptor, pointer, length)
        }
        guard status == 0 || errno == EINPROGRESS else { throw SystemError() }
    }

    /// Accepts a connection; nil if none waits.
    func accept() throws(SystemError) -> Socket? {
        let made = clinux_accept(descriptor)
        if made < 0 {
            let error = SystemError()
            // A connection that ended before it was accepted doesn't count.
            guard error.isPassing || error.code == ECONNABORTED else { throw error }
            return nil
        }
        return Socket(accepted: made)
    }

    func send(_ bytes: [UInt8]) throws(SystemError) {
        let count = unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        guard count == bytes.count else { throw SystemError(count < 0 ? errno : EAGAIN) }
    }

    /// Reads into `buffer`; returns the number of bytes, 0 at the end, nil if there are none.
    func receive(into buffer: inout [UInt8]) throws(SystemError) -> Int? {
        let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
        guard count < 0 else { return count }
        let error = SystemError()
        guard error.isPassing else { throw error }
        return nil
    }

    /// Receives a datagram, and sends `prefix` and the datagram back; returns false if there is
    /// none.
    func answerDatagram(_ prefix: UInt8, _ buffer: inout [UInt8]) -> Bool {
        var sender = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeMutablePointer(to: &sender) { storage in
            unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                let count = unsafe recvfrom(
                    descriptor, &buffer, buffer.count, 0, address, &length)
                guard count >= 0 else { return false }
                let answer = [prefix] + buffer.prefix(count)
                _ = unsafe sendto(descriptor, answer, answer.count, 0, address, length)
                return true
            }
        }
    }

    /// The error since the last call, if there was one.
    var pendingError: SystemError? {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0
        else { return SystemError() }
        return code == 0 ? nil : SystemError(code)
    }

    /// How many segments TCP has retransmitted.
    var retransmissions: Int {
        var info = tcp_info()
        var length = socklen_t(MemoryLayout<tcp_info>.size)
        guard unsafe getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &length) == 0
        else { return 0 }
        return Int(info.tcpi_total_retrans)
    }

    /// The original destination of an accepted connection.
    var destination: Destination? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard unsafe getsockname(descriptor, address, &length) == 0 else { return nil }
                let isIPv6 = unsafe Int32(address.pointee.sa_family) == AF_INET6
                let level = isIPv6 ? Int32(IPPROTO_IPV6) : Int32(IPPROTO_IP)
                // SO_ORIGINAL_DST of <linux/netfilter_ipv4.h> and IP6T_SO_ORIGINAL_DST are both 80.
                // A connection that the kernel doesn't track keeps its own address.
                length = socklen_t(MemoryLayout<sockaddr_storage>.size)
                _ = unsafe getsockopt(descriptor, level, 80, address, &length)
                return unsafe Destination(pointer.pointee)
            }
        }
    }

    private func bind(to endpoint: Endpoint) throws(SystemError) {
        let status = unsafe endpoint.withPointer { pointer, length in
            unsafe Glibc.bind(descriptor, pointer, length)
        }
        guard status == 0 else { throw SystemError() }
    }

    private func set(_ level: Int32, _ option: Int32, _ value: Int32) throws(SystemError) {
        var value = value
        let size = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe setsockopt(descriptor, level, option, &value, size) == 0
        else { throw SystemError() }
    }
}
