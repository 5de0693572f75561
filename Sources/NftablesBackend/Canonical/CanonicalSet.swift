import CMnl

/// The canonical form of a set: its types, and its elements in sorted order.
struct CanonicalSet: Hashable, Sendable {
    var keyType: UInt32
    /// The flags of `enum nft_set_flags`, without those that the rest implies.
    var flags: UInt32
    /// The length of a key, in bytes.
    var keyLength: UInt32
    /// The elements, sorted.
    var elements: [ElementRange]
    /// Attributes that no set of ours has, such as comments, timeouts and data of a map.
    var extras: [UInt8] = []

    /// The value of `extras` when interval ends don't match, so that there are no elements.
    static let apart = Array("apart".utf8)

    var isApart: Bool { extras.suffix(Self.apart.count) == Self.apart[...] }

    /// Flags that say nothing about the elements.
    static let impliedFlags = NFT_SET_CONCAT.rawValue | NFT_SET_CONSTANT.rawValue

    init(
        keyType: UInt32, flags: UInt32, keyLength: UInt32, elements: [ElementRange],
        extras: [UInt8] = []
    ) {
        self.keyType = keyType
        self.flags = flags & ~Self.impliedFlags
        self.keyLength = keyLength
        self.elements = elements
        self.extras = extras
    }

    init(_ set: NftSet) {
        var elements = set.elements.map { ElementRange($0, inIntervals: set.isInterval) }
        elements.sort()
        self.init(
            keyType: set.keyType, flags: set.flags, keyLength: set.keyLength, elements: elements)
    }

    /// Appends the whole set to `bytes`.
    func write(to bytes: inout [UInt8]) {
        let length = Int(keyLength)
        let header = [keyType, flags, keyLength, UInt32(elements.count), UInt32(extras.count)]
        bytes += header.flatMap(\.networkBytes) + extras
        bytes.append(addingCapacity: elements.count * length * 2) { bytes in
            for element in elements {
                Self.append(element.first, length, to: &bytes)
                Self.append(element.last, length, to: &bytes)
            }
        }
    }

    @inline(__always)
    private static func append(_ key: UInt128, _ length: Int, to bytes: inout OutputSpan<UInt8>) {
        // Large sets mostly hold IPv4 addresses.
        if length == 4 {
            let word = UInt32(truncatingIfNeeded: key)
            bytes.append(UInt8(truncatingIfNeeded: word >> 24))
            bytes.append(UInt8(truncatingIfNeeded: word >> 16))
            bytes.append(UInt8(truncatingIfNeeded: word >> 8))
            bytes.append(UInt8(truncatingIfNeeded: word))
            return
        }
        let low = UInt64(truncatingIfNeeded: key)
        let high = UInt64(truncatingIfNeeded: key >> 64)
        for index in stride(from: length - 1, through: 0, by: -1) {
            let word = index < 8 ? low : high
            bytes.append(UInt8(truncatingIfNeeded: word &>> UInt64(index * 8)))
        }
    }
}
