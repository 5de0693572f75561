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

    /// The usual name: `IPv4` or `IPv6`.
    package var displayName: String {
        switch self {
        case .ipv4: "IPv4"
        case .ipv6: "IPv6"
        }
    }
}

/// An IPv4 (RFC 791) or IPv6 (RFC 4291) address.
package struct IPAddress: Hashable, Sendable {
    // The wider property first: lists of 100,000 addresses are in memory several times.
    /// The address as a number in host byte order; an IPv4 address uses the low 32 bits.
    package let bits: UInt128
    package let family: AddressFamily

    /// Creates an address from a number; bits beyond the family's width are dropped.
    package init(family: AddressFamily, bits: UInt128) {
        self.family = family
        self.bits = bits & Self.mask(family)
    }

    /// Parses the forms that `inet_pton(3)` accepts: dotted quad, or RFC 4291 section 2.2 text.
    ///
    /// Zone identifiers (`fe80::1%eth0`) are refused: a rule can't contain one.
    package init?(_ text: String) {
        self.init(text.utf8.span)
    }

    /// Parses the bytes of a text, as `init(_:)` does.
    init?(_ text: Span<UInt8>) {
        guard let bits = Self.ipv4Bits(text) else {
            self.init(ipv6: text)
            return
        }
        self.init(family: .ipv4, bits: UInt128(bits))
    }

    /// Parses four numbers of 0...255 without leading zeros, separated by dots.
    private static func ipv4Bits(_ text: Span<UInt8>) -> UInt32? {
        var bits: UInt32 = 0
        var number: UInt32 = 0
        var digits = 0
        var dots = 0
        for index in text.indices {
            switch text[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                guard digits == 0 || number > 0 else { return nil }
                number = number * 10 + UInt32(text[index] - UInt8(ascii: "0"))
                digits += 1
                guard number <= 255 else { return nil }
            case UInt8(ascii: "."):
                guard digits > 0 else { return nil }
                bits = bits << 8 | number
                (number, digits, dots) = (0, 0, dots + 1)
            case _: return nil
            }
        }
        guard dots == 3, digits > 0 else { return nil }
        return bits << 8 | number
    }

    private init?(ipv6 text: Span<UInt8>) {
        guard (1..<Int(INET6_ADDRSTRLEN)).contains(text.count) else { return nil }
        var address = in6_addr()
        // With a terminating zero; a zero within would end the text and must not make it valid.
        let parsed = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: text.count + 1)
        {
            copy in
            for index in text.indices {
                guard text[index] != 0 else { return false }
                unsafe copy[index] = CChar(bitPattern: text[index])
            }
            unsafe copy[text.count] = 0
            return unsafe inet_pton(AF_INET6, copy.baseAddress, &address) == 1
        }
        guard parsed else { return nil }
        self.init(
            family: .ipv6,
            bits: unsafe withUnsafeBytes(of: &address) {
                unsafe UInt128(bigEndian: $0.loadUnaligned(as: UInt128.self))
            })
    }

    /// Creates an address from bytes in network order; there must be 4 or 16.
    package init(family: AddressFamily, bytes: some Sequence<UInt8>) {
        self.init(family: family, bits: bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) })
    }

    /// The 4 or 16 bytes in network order.
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

    /// 127.0.0.6 or ::6, the source of connections from Kuma's proxy to the local application.
    package static func passthroughSource(_ family: AddressFamily) -> IPAddress {
        IPAddress(family: family, bits: family == .ipv4 ? 0x7F00_0006 : 6)
    }

    /// 127.0.0.11, Docker's DNS server in a container.
    package static let dockerResolver = IPAddress(family: .ipv4, bits: 0x7F00_000B)

    /// 203.0.113.1 or 2001:db8::1, which are reserved for documentation (RFC 5737, RFC 3849).
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
        switch family {
        case .ipv4: ipv4Text
        case .ipv6: ipv6Text
        }
    }

    private var ipv4Text: String {
        let number = UInt32(truncatingIfNeeded: bits)
        let dot = UInt8(ascii: ".")
        return unsafe String(unsafeUninitializedCapacity: Int(INET_ADDRSTRLEN)) { text in
            var count = 0
            func write(_ byte: UInt8) {
                unsafe text[count] = byte
                count += 1
            }
            for shift in stride(from: UInt32(24), through: 0, by: -8) {
                let part = UInt8(truncatingIfNeeded: number >> shift)
                if part >= 100 { write(UInt8(ascii: "0") + part / 100) }
                if part >= 10 { write(UInt8(ascii: "0") + part / 10 % 10) }
                write(UInt8(ascii: "0") + part % 10)
                if shift > 0 { write(dot) }
            }
            return count
        }
    }

    private var ipv6Text: String {
        var source = bits.bigEndian
        let size = Int(INET6_ADDRSTRLEN)
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) { text in
            unsafe text.initialize(repeating: 0)
            _ = unsafe inet_ntop(AF_INET6, &source, text.baseAddress, socklen_t(size))
            return unsafe text.baseAddress.map { unsafe String(cString: $0) } ?? ""
        }
    }
}

extension IPAddress: Comparable {
    /// Orders IPv4 before IPv6, then by number.
    package static func < (left: Self, right: Self) -> Bool {
        guard left.family == right.family else { return left.family == .ipv4 }
        return left.bits < right.bits
    }
}
