import Addressing
import CEBPF
import Digest

/// The contents of the maps that the programs evaluate, planned or loaded.
struct ProgramImage: Equatable {
    /// The configuration, without what depends on the host.
    var configuration: [UInt8]
    /// The elements of all address sets, sorted.
    var prefixes: [PrefixKey]
    /// The bits of each port set.
    var ports: [[UInt8]]

    /// The SHA-256 of the image.
    var digest: String {
        var bytes = configuration
        bytes.reserveCapacity(bytes.count + prefixes.count * PrefixKey.size)
        for prefix in prefixes { bytes += prefix.bytes }
        for set in ports { bytes += set }
        return SHA256.hexadecimal(bytes)
    }
}

/// An element of an address set: `struct tproxy_ebpf_prefix`.
struct PrefixKey: Hashable, Comparable {
    static let size = MemoryLayout<tproxy_ebpf_prefix>.size

    let bytes: [UInt8]

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    init(_ prefix: IPPrefix, in set: Int) {
        // The prefix length counts from the first bit of the set's number.
        let length = 32 + MappedAddress.length(prefix)
        bytes =
            UInt32(length).hostBytes + UInt32(set).hostBytes
            + MappedAddress.bytes(of: prefix.address)
    }

    static func < (left: Self, right: Self) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

/// Addresses of both families as IPv6 addresses, as the programs compare them.
enum MappedAddress {
    private static let ipv4Prefix: [UInt8] = Array(repeating: 0, count: 10) + [0xFF, 0xFF]

    static func bytes(of address: IPAddress) -> [UInt8] {
        switch address.family {
        case .ipv4: ipv4Prefix + address.bytes
        case .ipv6: address.bytes
        }
    }

    /// Reads an address; a mapped one is IPv4.
    static func address(_ bytes: [UInt8]) -> IPAddress {
        bytes.starts(with: ipv4Prefix)
            ? IPAddress(family: .ipv4, bytes: bytes.suffix(4))
            : IPAddress(family: .ipv6, bytes: bytes)
    }

    static func length(_ prefix: IPPrefix) -> Int {
        prefix.length + 128 - prefix.family.bitWidth
    }

    /// The mask of a prefix, in network order.
    static func mask(of prefix: IPPrefix) -> [UInt8] {
        let length = length(prefix)
        return (0..<16).map { index in
            let bits = min(max(length - index * 8, 0), 8)
            return UInt8(truncatingIfNeeded: 0xFF00 >> bits)
        }
    }
}

extension FixedWidthInteger {
    /// The bytes in the order of this host.
    var hostBytes: [UInt8] {
        let value = littleEndian
        let bytes = (0..<MemoryLayout<Self>.size).map { index in
            UInt8(truncatingIfNeeded: value >> (index * 8))
        }
        return littleEndian == self ? bytes : bytes.reversed()
    }
}
