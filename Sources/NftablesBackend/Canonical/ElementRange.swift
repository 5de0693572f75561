import Addressing

/// The first and the last key of an element, as numbers in network byte order.
///
/// The kernel compares elements in this form.
struct ElementRange: Hashable, Comparable, Sendable {
    var first: UInt128
    var last: UInt128

    static func < (left: Self, right: Self) -> Bool {
        (left.first, left.last) < (right.first, right.last)
    }

    init(first: UInt128, last: UInt128) {
        self.first = first
        self.last = last
    }

    /// Creates the range of `element`; `inIntervals` tells whether its set has intervals.
    init(_ element: NftElement, inIntervals: Bool) {
        switch element {
        case .addresses(let range): self.init(first: range.first.bits, last: range.last.bits)
        case .ports(let range):
            self.init(first: UInt128(range.first.number), last: UInt128(range.last.number))
        case .flow(let owners, let ports):
            self.init(
                first: Self.key(owners.first, ports.first, inIntervals),
                last: Self.key(owners.last, ports.last, inIntervals))
        case .note(let number, _):
            let key = UInt128(UInt32(truncatingIfNeeded: number).byteSwapped)
            self.init(first: key, last: key)
        }
    }

    /// Returns the key `uid . inet_service`, with each field at a multiple of 4 bytes.
    ///
    /// A set without intervals has the UID in host byte order, because the kernel need not order
    /// it.
    private static func key(_ owner: UserID, _ port: Port, _ inIntervals: Bool) -> UInt128 {
        let number = inIntervals ? owner.number : owner.number.byteSwapped
        return UInt128(number) << 32 | UInt128(port.number) << 16
    }
}

extension ElementRange {
    /// Pairs the starts and ends of intervals, which the kernel lists as separate elements.
    ///
    /// `ends` are the first values after each interval. The last interval may have none; it extends
    /// to `highest`. Returns nil if starts and ends don't match.
    static func intervals(
        starts: [UInt128], ends: [UInt128], highest: UInt128
    ) -> [ElementRange]? {
        let starts = starts.sorted()
        // libnftables adds an end before the first interval.
        let ends = ends.sorted().filter { $0 > (starts.first ?? .max) }
        guard ends.count == starts.count || ends.count + 1 == starts.count else {
            return starts.isEmpty ? [] : nil
        }
        var ranges: [ElementRange] = []
        ranges.reserveCapacity(starts.count)
        for (index, start) in starts.enumerated() {
            let last = index < ends.count ? ends[index] - 1 : highest
            guard last >= start, index + 1 >= starts.count || last < starts[index + 1] else {
                return nil
            }
            ranges.append(ElementRange(first: start, last: last))
        }
        return ranges
    }
}
