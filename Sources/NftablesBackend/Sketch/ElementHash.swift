/// A number of 128 bits that is another for every element, as far as chance goes.
///
/// Folded multiplications, as in wyhash: fast, and the same on every machine. It guards against chance,
/// not against somebody who may change the rules anyway.
struct ElementHash: Hashable, Sendable {
    var high: UInt64
    var low: UInt64

    init(_ element: ElementRange) {
        let first = Self.fold(
            Self.upper(element.first) ^ Self.keys.0, Self.lower(element.first) ^ Self.keys.1)
        let last = Self.fold(
            Self.upper(element.last) ^ Self.keys.2, Self.lower(element.last) ^ Self.keys.3)
        high = Self.fold(first ^ Self.keys.1, last ^ Self.keys.2)
        low = Self.fold(first ^ Self.keys.3, last ^ Self.keys.0)
    }

    /// The first bits of the fractions of square roots, which nobody has chosen.
    private static let keys: (UInt64, UInt64, UInt64, UInt64) = (
        0x6a09_e667_f3bc_c908, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b, 0xa54f_f53a_5f1d_36f1
    )

    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }

    private static func upper(_ key: UInt128) -> UInt64 { UInt64(truncatingIfNeeded: key >> 64) }
    private static func lower(_ key: UInt128) -> UInt64 { UInt64(truncatingIfNeeded: key) }
}

/// What tells two sets apart: how many elements there are, and the sum of their hashes.
struct SetChecksum: Hashable, Sendable {
    private(set) var count: UInt32 = 0
    private(set) var high: UInt64 = 0
    private(set) var low: UInt64 = 0

    init() {}

    init(count: UInt32, high: UInt64, low: UInt64) {
        self.count = count
        self.high = high
        self.low = low
    }

    init(_ elements: [ElementRange]) {
        for element in elements { add(ElementHash(element)) }
    }

    mutating func add(_ hash: ElementHash) {
        count &+= 1
        high &+= hash.high
        low &+= hash.low
    }

    mutating func remove(_ hash: ElementHash) {
        count &-= 1
        high &-= hash.high
        low &-= hash.low
    }
}
