import Glibc

/// An IP version.
package enum AddressFamily: String, Hashable, Sendable, CaseIterable, Codable {
    case ipv4
    case ipv6

    /// The number of bits in an address of this family.
    package var bitWidth: Int {
        switch self {
        case .ipv4: 32
        case .ipv6: 128
        }
    }

    /// The name people write: `IPv4` or `IPv6`.
    package var displayName: String {
        switch self {
        case .ipv4: "IPv4"
        case .ipv6: "IPv6"
        }
    }
}

/// An IPv4 (RFC 791) or IPv6 (RFC 4291) address.
package struct IPAddress: Hashable, Sendable {
    package let family: AddressFamily
    /// The address as a number in host byte order; an IPv4 address uses the low 32 bits.
    package let bits: UInt128

    /// Makes an address from a number; bits beyond the family's width are dropped.
    package init(family: AddressFamily, bits: UInt128) {
        self.family = family
        self.bits = bits & Self.mask(family)
    }

    /// Parses the forms that `inet_pton(3)` takes: dotted quad, or RFC 4291 section 2.2 text.
    ///
    /// Zone identifiers (`fe80::1%eth0`) are refused: a rule can't carry one.
    package init?(_ text: String) {
        guard !text.utf8.contains(0) else { return nil }
        let family: AddressFamily = text.utf8.contains(UInt8(ascii: ":")) ? .ipv6 : .ipv4
        var bytes: [UInt8] = Array(repeating: 0, count: family.bitWidth / 8)
        let domain = family == .ipv4 ? AF_INET : AF_INET6
        let parsed = unsafe bytes.withUnsafeMutableBytes {
            unsafe inet_pton(domain, text, $0.baseAddress)
        }
        guard parsed == 1 else { return nil }
        self.init(family: family, bytes: bytes)
    }

    /// Makes an address from bytes in network order, of which there must be 4 or 16.
    package init(family: AddressFamily, bytes: some Sequence<UInt8>) {
        self.init(family: family, bits: bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) })
    }

    /// The bytes in network order: 4 of them or 16.
    package var bytes: [UInt8] {
        stride(from: family.bitWidth - 8, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: bits >> UInt128($0))
        }
    }

    /// Whether this is in `127.0.0.0/8` (RFC 1122) or is `::1` (RFC 4291).
    package var isLoopback: Bool {
        switch family {
        case .ipv4: bits >> 24 == 127
        case .ipv6: bits == 1
        }
    }

    /// 127.0.0.1 or ::1, where a redirect in output sends a packet (`nf_nat_redirect`).
    package static func localhost(_ family: AddressFamily) -> IPAddress {
        IPAddress(family: family, bits: family == .ipv4 ? 0x7F00_0001 : 1)
    }

    /// 127.0.0.6 or ::6, from which Kuma's proxy makes its hop to the local application.
    package static func passthroughSource(_ family: AddressFamily) -> IPAddress {
        IPAddress(family: family, bits: family == .ipv4 ? 0x7F00_0006 : 6)
    }

    /// 203.0.113.1 or 2001:db8::1, which nobody has (RFC 5737, RFC 3849).
    package static func documentation(_ family: AddressFamily) -> IPAddress {
        IPAddress(
            family: family, bits: family == .ipv4 ? 0xCB00_7101 : 0x2001_0DB8 << 96 | 1)
    }

    /// 0.0.0.0 or ::.
    package static func unspecified(_ family: AddressFamily) -> IPAddress {
        IPAddress(family: family, bits: 0)
    }

    static func mask(_ family: AddressFamily) -> UInt128 {
        switch family {
        case .ipv4: UInt128(UInt32.max)
        case .ipv6: .max
        }
    }
}

extension IPAddress: CustomStringConvertible {
    /// The canonical text: dotted quad, or RFC 5952.
    package var description: String {
        var text: [CChar] = Array(repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let domain = family == .ipv4 ? AF_INET : AF_INET6
        let source = bytes
        _ = unsafe source.withUnsafeBytes { source in
            unsafe inet_ntop(domain, source.baseAddress, &text, socklen_t(text.count))
        }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

extension IPAddress: Comparable {
    /// IPv4 before IPv6, then by number.
    package static func < (left: Self, right: Self) -> Bool {
        guard left.family == right.family else { return left.family == .ipv4 }
        return left.bits < right.bits
    }
}
