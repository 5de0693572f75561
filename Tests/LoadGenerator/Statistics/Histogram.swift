/// Durations in nanoseconds, with an accuracy of one and a half percent.
///
/// Every power of two is divided into 64 equal parts, so that a few thousand counters count minutes
/// as accurately as microseconds.
struct Histogram: Sendable {
    private static let partBits = 6
    private static let parts = 1 << partBits

    private var counters: [UInt64] = []
    private(set) var count: UInt64 = 0
    /// The exact maximum; 0 without values.
    private(set) var maximum: UInt64 = 0

    mutating func add(_ value: UInt64) {
        let index = Self.index(of: value)
        if index >= counters.count {
            counters += repeatElement(0, count: index + 1 - counters.count)
        }
        counters[index] += 1
        count += 1
        maximum = max(maximum, value)
    }

    /// The least value that `share` of all (0...1) don't exceed; 0 without values.
    func quantile(_ share: Double) -> UInt64 {
        let wanted = max(1, UInt64((share * Double(count)).rounded(.up)))
        var seen: UInt64 = 0
        for (index, counter) in counters.enumerated() {
            seen += counter
            if seen >= wanted { return min(Self.highest(of: index), maximum) }
        }
        return maximum
    }

    static func index(of value: UInt64) -> Int {
        guard value >= UInt64(parts) else { return Int(value) }
        let exponent = UInt64.bitWidth - 1 - value.leadingZeroBitCount - partBits
        return exponent * parts + Int(value >> UInt64(exponent))
    }

    /// The greatest value that is counted at `index`.
    static func highest(of index: Int) -> UInt64 {
        guard index >= 2 * parts else { return UInt64(index) }
        let exponent = UInt64(index / parts - 1)
        let part = UInt64(parts + index % parts)
        return (part << exponent) + ((1 << exponent) - 1)
    }
}
