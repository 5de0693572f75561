import Addressing

/// Consecutive numbers, including both ends.
struct Interval: Hashable, Sendable {
    var first: UInt128
    var last: UInt128

    /// Returns the fewest intervals with the same numbers, in order.
    static func merging(_ intervals: [Interval]) -> [Interval] {
        var merged: [Interval] = []
        for interval in intervals.sorted(by: { $0.first < $1.first }) {
            if let previous = merged.last,
                previous.last == .max || interval.first <= previous.last + 1
            {
                merged[merged.count - 1].last = max(previous.last, interval.last)
            } else {
                merged.append(interval)
            }
        }
        return merged
    }
}

extension AddressRange {
    var interval: Interval { Interval(first: first.bits, last: last.bits) }

    init?(_ interval: Interval, _ family: AddressFamily) {
        self.init(
            IPAddress(family: family, bits: interval.first),
            IPAddress(family: family, bits: interval.last))
    }
}

extension PortRange {
    var interval: Interval {
        Interval(first: UInt128(first.number), last: UInt128(last.number))
    }

    init?(_ interval: Interval) {
        guard let first = Port(interval.first), let last = Port(interval.last) else { return nil }
        self.init(first, last)
    }
}

extension UserIDRange {
    var interval: Interval {
        Interval(first: UInt128(first.number), last: UInt128(last.number))
    }

    init?(_ interval: Interval) {
        guard let first = UserID(interval.first), let last = UserID(interval.last) else {
            return nil
        }
        self.init(first, last)
    }
}
