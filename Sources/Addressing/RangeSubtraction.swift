extension ClosedRange<UInt128> {
    /// Returns the numbers of `ranges` that aren't in `others`; both must be sorted and separate.
    static func subtracting(_ others: [Self], from ranges: [Self]) -> [Self] {
        var rest: [Self] = []
        var taken = others[...]
        for range in ranges {
            var next = range.lowerBound
            var isUsedUp = false
            while let first = taken.first, first.lowerBound <= range.upperBound {
                if first.lowerBound > next { rest.append(next...(first.lowerBound - 1)) }
                if first.upperBound >= range.upperBound {
                    isUsedUp = first.upperBound >= next
                    break
                }
                next = Swift.max(next, first.upperBound + 1)
                taken = taken.dropFirst()
            }
            if !isUsedUp { rest.append(next...range.upperBound) }
        }
        return rest
    }
}

extension AddressRange {
    /// Returns the addresses of `ranges` that aren't in `others`, with the fewest ranges.
    package static func subtracting(
        _ others: [AddressRange], from ranges: [AddressRange]
    ) -> [AddressRange] {
        guard areApart(ranges), areApart(others) else { return rest(of: ranges, without: others) }
        // A range in both lists overlaps nothing else in either.
        return rest(of: missing(ranges, in: others), without: missing(others, in: ranges))
    }

    /// Whether the ranges are sorted and disjoint.
    private static func areApart(_ ranges: [AddressRange]) -> Bool {
        ranges.indices.dropFirst().allSatisfy { ranges[$0 - 1].last < ranges[$0].first }
    }

    /// Returns the ranges that the other list doesn't contain; both must be sorted and separate.
    private static func missing(
        _ ranges: [AddressRange], in others: [AddressRange]
    ) -> [AddressRange] {
        var missing: [AddressRange] = []
        var next = 0
        for range in ranges {
            while next < others.count, others[next].first < range.first { next += 1 }
            if next == others.count || others[next] != range { missing.append(range) }
        }
        return missing
    }

    private static func rest(
        of ranges: [AddressRange], without others: [AddressRange]
    ) -> [AddressRange] {
        AddressFamily.allCases.flatMap { family in
            func numbers(_ ranges: [AddressRange]) -> [ClosedRange<UInt128>] {
                merging(ranges.filter { $0.family == family }).map { $0.first.bits...$0.last.bits }
            }
            return ClosedRange.subtracting(numbers(others), from: numbers(ranges)).map { range in
                AddressRange(
                    first: IPAddress(family: family, bits: range.lowerBound),
                    last: IPAddress(family: family, bits: range.upperBound))
            }
        }
    }
}

extension PortRange {
    /// Returns the ports of `ranges` that aren't in `others`, with the fewest ranges.
    package static func subtracting(
        _ others: [PortRange], from ranges: [PortRange]
    ) -> [PortRange] {
        func numbers(_ ranges: [PortRange]) -> [ClosedRange<UInt128>] {
            merging(ranges).map { UInt128($0.first.number)...UInt128($0.last.number) }
        }
        return ClosedRange.subtracting(numbers(others), from: numbers(ranges)).compactMap { range in
            guard let first = Port(range.lowerBound), let last = Port(range.upperBound) else {
                return nil
            }
            return PortRange(first, last)
        }
    }
}
