import Addressing
import Glibc

/// An IPv4 socket, closed exactly once.
struct LoopbackSocket: ~Copyable {
    let descriptor: Int32

    /// Makes a socket that `owner` owns, as netfilter sees it.
    ///
    /// The owner is the effective user at this moment; there is only one thread.
    init(_ transport: TransportProtocol, owner: uid_t = 0) throws(BenchError) {
        let type = transport == .tcp ? SOCK_STREAM : SOCK_DGRAM
        if owner != 0, seteuid(owner) != 0 { throw Self.failure("becoming user \(owner)") }
        let made = socket(AF_INET, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        if owner != 0, seteuid(0) != 0 { throw Self.failure("restoring the UID") }
        guard made >= 0 else { throw Self.failure("creating a socket") }
        // No call waits for a lost packet without a limit.
        var limit = timeval(tv_sec: 1, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            unsafe setsockopt(
                made, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        descriptor = made
    }

    /// Accepts the next connection.
    init(acceptedFrom listener: borrowing LoopbackSocket) throws(BenchError) {
        let made = accept(listener.descriptor, nil, nil)
        guard made >= 0 else { throw Self.failure("accepting a connection") }
        descriptor = made
    }

    deinit {
        close(descriptor)
    }

    func bind(to address: Destination) throws(BenchError) {
        var on: Int32 = 1
        unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard unsafe address.withPointer({ unsafe Glibc.bind(descriptor, $0, $1) }) == 0 else {
            throw Self.failure("binding a socket")
        }
    }

    func listen(on address: Destination) throws(BenchError) {
        try bind(to: address)
        guard Glibc.listen(descriptor, 128) == 0 else { throw Self.failure("listening") }
    }

    func connect(to address: Destination) throws(BenchError) {
        guard unsafe address.withPointer({ unsafe Glibc.connect(descriptor, $0, $1) }) == 0 else {
            throw Self.failure("connecting")
        }
    }

    /// Ends the connection with a RST, so that no TIME_WAIT remains.
    func endSuddenly() {
        var now = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    }

    /// Sends without waiting for more to send (TCP_NODELAY).
    func sendAtOnce() {
        var on: Int32 = 1
        unsafe setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on,
            socklen_t(MemoryLayout<Int32>.size))
    }

    func send(_ message: borrowing Message) throws(BenchError) {
        guard
            unsafe Glibc.send(
                descriptor, message.bytes, message.bytes.count, Int32(MSG_NOSIGNAL)) > 0
        else { throw Self.failure("sending") }
    }

    func receive(_ message: inout Message) throws(BenchError) {
        guard unsafe recv(descriptor, &message.bytes, message.bytes.count, 0) > 0 else {
            throw Self.failure("receiving")
        }
    }

    /// Receives a datagram and sends it back.
    func answer(_ message: inout Message) throws(BenchError) {
        var sender = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isDone = unsafe withUnsafeMutablePointer(to: &sender) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                let count = unsafe recvfrom(
                    descriptor, &message.bytes, message.bytes.count, 0, address, &length)
                guard count > 0 else { return false }
                return unsafe sendto(descriptor, message.bytes, count, 0, address, length) == count
            }
        }
        guard isDone else { throw Self.failure("answering a datagram") }
    }

    private static func failure(_ step: String) -> BenchError {
        .system(step: step, reason: BenchError.lastReason)
    }
}

/// The size of a DNS query.
struct Message: ~Copyable {
    var bytes = [UInt8](repeating: 7, count: 40)
}

/// An IPv4 address with a port, for socket calls.
struct Destination {
    private var address = sockaddr_in()

    /// `bits` is the address as a number: 127.0.0.1 is 0x7F000001.
    init(_ bits: UInt32, port: UInt16) {
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = bits.bigEndian
    }

    func withPointer(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
