import Addressing

/// An element of a set as the kernel compares it: the first key and the last, as numbers in network
/// byte order.
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

    /// An element of a set, which may have intervals or not.
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

    /// `uid . inet_service`, each at a multiple of 4 bytes.
    ///
    /// The kernel has an owner's number in its own byte order where it need not compare which is larger.
    private static func key(_ owner: UserID, _ port: Port, _ inIntervals: Bool) -> UInt128 {
        let number = inIntervals ? owner.number : owner.number.byteSwapped
        return UInt128(number) << 32 | UInt128(port.number) << 16
    }
}

extension ElementRange {
    /// Puts the ends of intervals together, as the kernel lists them apart.
    ///
    /// `ends` are the first values behind intervals; the last interval may have none and goes up to
    /// `highest`. Nil when they don't fit together.
    static func intervals(
        starts: [UInt128], ends: [UInt128], highest: UInt128
    ) -> [ElementRange]? {
        let starts = starts.sorted()
        // libnftables puts an end before the first interval.
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
