package import Addressing
package import Glibc

/// An address and a port of either family, in the form of the socket calls.
package struct SocketAddress: Sendable {
    private var storage: sockaddr_storage

    package init(_ address: IPAddress, _ port: UInt16) {
        storage = sockaddr_storage()
        storage.ss_family = sa_family_t(address.family == .ipv4 ? AF_INET : AF_INET6)
        unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            unsafe bytes.storeBytes(
                of: port.bigEndian, toByteOffset: Self.portOffset, as: UInt16.self)
            unsafe UnsafeMutableRawBufferPointer(
                rebasing: bytes[Self.addressOffset(address.family)...]
            ).copyBytes(from: address.bytes)
        }
    }

    /// Creates the address that `write` stores through its pointer.
    ///
    /// Returns nil if `write` returns false, or the address is neither IPv4 nor IPv6.
    init?(_ write: (UnsafeMutablePointer<sockaddr>, inout socklen_t) -> Bool) {
        storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let isWritten = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe write($0, &length)
            }
        }
        guard isWritten, [AF_INET, AF_INET6].contains(Int32(storage.ss_family)) else { return nil }
    }

    package var family: AddressFamily {
        Int32(storage.ss_family) == AF_INET ? .ipv4 : .ipv6
    }

    package var address: IPAddress {
        let offset = Self.addressOffset(family)
        return unsafe withUnsafeBytes(of: storage) { bytes in
            unsafe IPAddress(
                family: family, bytes: bytes[offset..<offset + family.bitWidth / 8])
        }
    }

    package var port: UInt16 {
        unsafe withUnsafeBytes(of: storage) { bytes in
            unsafe UInt16(
                bigEndian: bytes.load(fromByteOffset: Self.portOffset, as: UInt16.self))
        }
    }

    package func withPointer<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        let size =
            family == .ipv4 ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
        return unsafe withUnsafePointer(to: storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(size))
            }
        }
    }

    /// The offset of sin_port and sin6_port.
    private static let portOffset = 2

    /// The offset of sin_addr, or of sin6_addr, which follows sin6_flowinfo.
    private static func addressOffset(_ family: AddressFamily) -> Int {
        family == .ipv4 ? 4 : 8
    }
}

extension SocketAddress: Hashable {
    package static func == (left: Self, right: Self) -> Bool {
        left.address == right.address && left.port == right.port
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(address)
        hasher.combine(port)
    }
}

extension SocketAddress: CustomStringConvertible {
    package var description: String { "\(address) port \(port)" }
}
