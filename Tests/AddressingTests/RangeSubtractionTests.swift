import Testing

@testable import Addressing

@Suite struct RangeSubtractionTests {
    /// Returns a range within 10.0.0.0/28, given the last four bits of its ends.
    private static func range(_ first: Int, _ last: Int) -> AddressRange {
        let base: UInt128 = 0x0A00_0000
        return AddressRange(
            first: IPAddress(family: .ipv4, bits: base + UInt128(first)),
            last: IPAddress(family: .ipv4, bits: base + UInt128(last)))
    }

    private static func numbers(_ ranges: [AddressRange]) -> [Int] {
        ranges.flatMap { Array(Int($0.first.bits & 15)...Int($0.last.bits & 15)) }
    }

    private struct Lists {
        var ranges: [[Int]]
        var others: [[Int]]
    }

    private static let lists: [Lists] = [
        Lists(ranges: [], others: []),
        Lists(ranges: [[0, 3], [5, 7], [9, 9]], others: []),
        Lists(ranges: [[0, 3], [5, 7], [9, 9]], others: [[0, 3], [5, 7], [9, 9]]),
        Lists(ranges: [[0, 3], [5, 7], [9, 9]], others: [[0, 3], [6, 6]]),
        Lists(ranges: [[0, 3], [5, 7]], others: [[1, 2], [7, 9]]),
        Lists(ranges: [[5, 7], [0, 3]], others: [[2, 5]]),
        // A range in both lists covers another.
        Lists(ranges: [[0, 9], [2, 3]], others: [[0, 9]]),
        Lists(ranges: [[2, 3]], others: [[0, 9], [2, 3]]),
        Lists(ranges: [[0, 5], [3, 9]], others: [[4, 4]]),
        Lists(ranges: [[0, 3], [4, 7]], others: [[2, 5]]),
    ]

    /// Sorted or not, disjoint or not: the result has the addresses in no range of the others.
    @Test(arguments: lists.indices)
    func subtractionKeepsNumbersOutsideOfTheOthers(index: Int) {
        let (ranges, others) = (Self.lists[index].ranges, Self.lists[index].others)
        let found = AddressRange.subtracting(
            others.map { Self.range($0[0], $0[1]) }, from: ranges.map { Self.range($0[0], $0[1]) })
        let taken = Set(others.flatMap { Array($0[0]...$0[1]) })
        let expected = Set(ranges.flatMap { Array($0[0]...$0[1]) }).subtracting(taken).sorted()
        #expect(Self.numbers(found) == expected)
        #expect(AddressRange.merging(found) == found)
    }

    @Test func subtractionKeepsFamiliesSeparate() throws {
        let ipv4 = try #require(IPPrefix("10.0.0.0/8")).range
        let ipv6 = try #require(IPPrefix("fd00::/8")).range
        #expect(AddressRange.subtracting([ipv4], from: [ipv4, ipv6]) == [ipv6])
        #expect(AddressRange.subtracting([ipv6], from: [ipv6, ipv4]) == [ipv4])
    }
}
