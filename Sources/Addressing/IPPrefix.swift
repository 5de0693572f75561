/// A block of addresses: an address and the number of significant leading bits (CIDR, RFC 4632).
///
/// Host bits are cleared, as by the kernel: `172.32.16.8/16` is `172.32.0.0/16`.
package struct IPPrefix: Hashable, Sendable {
    package let address: IPAddress
    /// The length: 0...32 for IPv4, 0...128 for IPv6.
    package var length: Int { Int(storedLength) }
    // One byte suffices, so that a prefix is as small as an address.
    private let storedLength: UInt8

    package init?(_ address: IPAddress, length: Int) {
        guard (0...address.family.bitWidth).contains(length) else { return nil }
        storedLength = UInt8(length)
        let host = address.family.bitWidth - length
        let kept = host >= 128 ? 0 : (address.bits >> UInt128(host)) << UInt128(host)
        self.address = IPAddress(family: address.family, bits: kept)
    }

    /// Creates the block that contains only `address`.
    package init(_ address: IPAddress) {
        self.address = address
        storedLength = UInt8(address.family.bitWidth)
    }

    /// Parses `ADDRESS` or `ADDRESS/LENGTH`; the length is decimal without sign.
    package init?(_ text: String) {
        let bytes = text.utf8.span
        var slash = 0
        while slash < bytes.count, bytes[slash] != UInt8(ascii: "/") { slash += 1 }
        guard let address = IPAddress(bytes.extracting(..<slash)) else { return nil }
        guard slash < bytes.count else {
            self.init(address)
            return
        }
        guard slash + 1 < bytes.count else { return nil }
        var length = 0
        for index in (slash + 1)..<bytes.count {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) else { return nil }
            length = length * 10 + Int(bytes[index] - UInt8(ascii: "0"))
            guard length <= address.family.bitWidth else { return nil }
        }
        self.init(address, length: length)
    }

    package var family: AddressFamily { address.family }

    /// Whether the block contains one address.
    package var isSingle: Bool { length == family.bitWidth }

    /// The first and the last address of the block.
    package var range: AddressRange {
        let host = family.bitWidth - length
        let low: UInt128 = host >= 128 ? .max : (1 << UInt128(host)) - 1
        return AddressRange(
            first: address, last: IPAddress(family: family, bits: address.bits | low))
    }

    package func contains(_ other: IPAddress) -> Bool {
        other.family == family && range.first <= other && other <= range.last
    }
}

extension IPPrefix: CustomStringConvertible {
    /// The address if the block contains only one, else `ADDRESS/LENGTH`.
    package var description: String { isSingle ? "\(address)" : "\(address)/\(length)" }
}
