import Testing

@testable import TproxyBench

@Suite struct StatisticsTests {
    @Test(
        arguments: [
            ([3], 3), ([1, 9, 2], 2), ([4, 1, 3, 2], 2.5), ([7, 7, 7, 7], 7),
        ] as [([Double], Double)])
    func medianIsTheMiddleOfSortedValues(values: [Double], median: Double) throws {
        let spread = try #require(Spread(values))
        #expect(spread.median == median)
        #expect(spread.lowest == values.min())
        #expect(spread.highest == values.max())
        #expect(spread.count == values.count)
    }

    @Test func noValuesHaveNoSpread() {
        #expect(Spread([]) == nil)
        #expect(Spread.ofRatios([1, 2], to: []) == nil)
    }

    /// The ratio of medians would be 1 here; each pair says 2.
    @Test func ratiosAreOfPairs() throws {
        let spread = try #require(Spread.ofRatios([2, 20, 200], to: [1, 10, 100]))
        #expect(spread.median == 2)
        #expect(spread.lowest == 2)
        let shifted = try #require(Spread.ofRatios([10, 1, 2], to: [1, 10, 2]))
        #expect(shifted.median == 1)
        #expect(shifted.highest == 10)
    }

    @Test func ratiosOmitValuesWithoutPartnerOrTime() throws {
        let spread = try #require(Spread.ofRatios([1, 2, 3], to: [0, 4]))
        #expect(spread.count == 1)
        #expect(spread.median == 0.5)
    }

    /// Samples of a coarse clock: right on average, mostly zero.
    @Test func systemTimeIsComparedAsASum() throws {
        let ours = [0, 0, 4.0], theirs = [0, 2.0, 0]
        #expect(Measure.system.ratio(ours, to: theirs) == Spread([2]))
        #expect(Measure.system.middle(theirs) == 2.0 / 3)
        #expect(Measure.wall.ratio(ours, to: theirs) == Spread([0]))
        #expect(Measure.wall.middle(theirs) == 0)
        #expect(Measure.system.ratio(ours, to: [0, 0, 0]) == nil)
    }

    @Test func sumOfCostsHasTheHighestPeak() {
        let first = Cost(wall: 1, user: 2, system: 3, peak: 40)
        let second = Cost(wall: 10, user: 20, system: 30, peak: 4)
        #expect(first + second == Cost(wall: 11, user: 22, system: 33, peak: 40))
        #expect(Measure.processor.value(of: first) == 5)
    }

    @Test func paceGivesSlowContendersFewRounds() {
        let pace = Pace(rounds: 15, fewest: 3, seconds: 40)
        #expect(pace.rounds(after: 0.1) == 15)
        #expect(pace.rounds(after: 5) == 8)
        #expect(pace.rounds(after: 39) == 3)
        #expect(pace.rounds(after: 41) == 1)
        #expect(!pace.countsFirst(5))
        #expect(pace.countsFirst(39))
        #expect(pace.countsFirst(41))
    }

    @Test func everyContenderGoesFirstInTurn() {
        #expect(Pace.order(["a", "b", "c"], round: 0) == ["a", "b", "c"])
        #expect(Pace.order(["a", "b", "c"], round: 4) == ["b", "c", "a"])
        #expect(Pace.order([String](), round: 4).isEmpty)
    }

    @Test(
        arguments: [
            (0.000_012, "12.0 µs"), (0.0123, "12.3 ms"), (0.9999, "1000 ms"), (2.5, "2.50 s"),
            (120, "120 s"), (0, "0 µs"),
        ] as [(Double, String)])
    func secondsHaveThreeDigits(value: Double, text: String) {
        #expect(Quantity.seconds(value) == text)
    }

    @Test func numbersAreFormattedWithUnits() throws {
        #expect(Quantity.count(0) == "0")
        #expect(Quantity.count(100_000) == "100,000")
        #expect(Quantity.count(1_234_567) == "1,234,567")
        #expect(Quantity.digits(0.05) == "0.050")
        #expect(Quantity.digits(0.0042) == "0.0042")
        #expect(Quantity.digits(-1.005) == "-1.00" || Quantity.digits(-1.005) == "-1.01")
        #expect(Quantity.digits(.nan) == "–")
        #expect(Quantity.bytes(13_400_000) == "13.4 MB")
        #expect(Quantity.ratio(try #require(Spread([0.5]))) == "0.50")
        #expect(Quantity.ratio(try #require(Spread([0.5, 1, 2]))) == "1.00 (0.50–2.00)")
    }
}
