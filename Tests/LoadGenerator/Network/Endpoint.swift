import Glibc

/// An address and a port, of IPv4 or IPv6, for socket calls.
struct Endpoint: Sendable {
    /// `10.0.0.1:80`, `[fd00::1]:80`.
    let text: String
    private var storage: sockaddr_storage
    private let length: socklen_t

    /// Reads `ADDRESS:PORT`; an IPv6 address is in brackets.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(String(host), "\(port)", &hints, &found) == 0,
            let found = unsafe found
        else { return nil }
        defer { unsafe freeaddrinfo(found) }
        length = unsafe found.pointee.ai_addrlen
        var storage = sockaddr_storage()
        unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            unsafe bytes.copyMemory(
                from: UnsafeRawBufferPointer(
                    start: found.pointee.ai_addr, count: Int(found.pointee.ai_addrlen)))
        }
        self.storage = storage
        self.text = text
    }

    /// `AF_INET` or `AF_INET6`.
    var family: Int32 { Int32(storage.ss_family) }

    /// The destination in the greeting of a connection to this endpoint.
    var destination: Destination { Destination(storage) }

    /// The address in network order: 4 or 16 bytes.
    var addressBytes: [UInt8] {
        Array(destination.bytes.dropFirst(2).prefix(family == AF_INET6 ? 16 : 4))
    }

    var port: UInt16 { destination.bytes.prefix(2).reduce(0) { $0 << 8 | UInt16($1) } }

    /// The same address with another port.
    func withPort(_ port: UInt16) -> Endpoint {
        var other = self
        unsafe withUnsafeMutableBytes(of: &other.storage) { bytes in
            // The port is in the same place for both families.
            unsafe bytes.storeBytes(of: port.bigEndian, toByteOffset: 2, as: UInt16.self)
        }
        return other
    }

    func withPointer<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        unsafe withUnsafePointer(to: storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, length)
            }
        }
    }
}
