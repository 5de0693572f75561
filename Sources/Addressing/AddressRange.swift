/// Consecutive addresses of one family, including both ends.
package struct AddressRange: Hashable, Sendable {
    // Two addresses would store the family twice and take half as much memory again.
    private let firstBits: UInt128
    private let lastBits: UInt128
    package let family: AddressFamily

    package var first: IPAddress { IPAddress(family: family, bits: firstBits) }
    package var last: IPAddress { IPAddress(family: family, bits: lastBits) }

    /// Creates a range; the ends must have the same family and be in order.
    init(first: IPAddress, last: IPAddress) {
        firstBits = first.bits
        lastBits = last.bits
        family = first.family
    }

    /// Creates a range; nil for ends of different families or in the wrong order.
    package init?(_ first: IPAddress, _ last: IPAddress) {
        guard first.family == last.family, first <= last else { return nil }
        self.init(first: first, last: last)
    }

    package func contains(_ address: IPAddress) -> Bool {
        address.family == family && first <= address && address <= last
    }

    /// The block with exactly these addresses; nil if there is none.
    package var prefix: IPPrefix? {
        let size = lastBits &- firstBits
        guard size & (size &+ 1) == 0, firstBits & size == 0 else { return nil }
        return IPPrefix(first, length: family.bitWidth - (128 - size.leadingZeroBitCount))
    }

    /// The fewest blocks with exactly these addresses, in order.
    package var prefixes: [IPPrefix] {
        if let prefix { return [prefix] }
        var prefixes: [IPPrefix] = []
        var next = first.bits
        while next <= last.bits {
            // The largest block that begins here and ends within the range.
            var hostBits = min(next.trailingZeroBitCount, family.bitWidth)
            while hostBits > 0, next | ((1 << UInt128(hostBits)) &- 1) > last.bits { hostBits -= 1 }
            guard
                let prefix = IPPrefix(
                    IPAddress(family: family, bits: next), length: family.bitWidth - hostBits)
            else { break }
            prefixes.append(prefix)
            let end = prefix.range.last.bits
            guard end < last.bits else { break }
            next = end + 1
        }
        return prefixes
    }

    /// Returns the fewest ranges with the same addresses, sorted and not touching.
    ///
    /// libnftables' JSON has no `auto-merge`, and the kernel refuses overlapping intervals.
    package static func merging(_ ranges: consuming [AddressRange]) -> [AddressRange] {
        // In place: long lists aren't copied.
        var merged = sorted(ranges)
        var count = 0
        for index in merged.indices {
            let range = merged[index]
            if count > 0, merged[count - 1].isMet(by: range) {
                let previous = merged[count - 1]
                merged[count - 1] = AddressRange(
                    first: previous.first, last: max(previous.last, range.last))
            } else {
                merged[count] = range
                count += 1
            }
        }
        merged.removeLast(merged.count - count)
        return merged
    }

    /// Whether the range, which doesn't begin before this one, overlaps it or follows directly.
    private func isMet(by range: AddressRange) -> Bool {
        family == range.family
            && (lastBits == IPAddress.mask(family) || range.firstBits <= lastBits + 1)
    }

    /// Whether an address is in a range of both lists, each sorted and disjoint.
    package static func haveCommon(_ some: [AddressRange], _ others: [AddressRange]) -> Bool {
        var rest = merging(others)[...]
        for range in merging(some) {
            // A range that ends before this one also ends before the following ones.
            while let first = rest.first, first.last < range.first { rest.removeFirst() }
            if let first = rest.first, first.first <= range.last { return true }
        }
        return false
    }

    /// Sorts by first address, with a fast path for lists in order.
    private static func sorted(_ ranges: consuming [AddressRange]) -> [AddressRange] {
        for index in ranges.indices.dropFirst()
        where ranges[index].first < ranges[index - 1].first {
            ranges.sort { $0.first < $1.first }
            break
        }
        return ranges
    }
}

extension AddressRange: CustomStringConvertible {
    /// The block, if it is one, else `FIRST-LAST`.
    package var description: String { prefix.map { "\($0)" } ?? "\(first)-\(last)" }
}
