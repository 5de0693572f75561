import Testing

@testable import LoadGenerator

@Suite struct HistogramTests {
    /// Every value is counted in the closest bucket.
    @Test(arguments: [
        0, 1, 63, 64, 65, 127, 128, 129, 191, 255, 256, 1000, 4095, 4096, 1_000_000, 60_000_000_000,
        UInt64.max,
    ])
    func valueIsWithinItsBucket(value: UInt64) {
        let index = Histogram.index(of: value)
        let highest = Histogram.highest(of: index)
        #expect(highest >= value)
        #expect(Double(highest - value) <= Double(value) / 64)
        if index > 0 { #expect(Histogram.highest(of: index - 1) < value) }
    }

    @Test func bucketsAreContiguous() {
        for index in 1..<1000 {
            let first = Histogram.highest(of: index - 1) + 1
            #expect(Histogram.index(of: first) == index)
            #expect(Histogram.index(of: Histogram.highest(of: index)) == index)
        }
    }

    @Test func quantilesAreExactToTheBucket() {
        var histogram = Histogram()
        for value in (1...100).reversed() { histogram.add(UInt64(value) * 1000) }
        #expect(histogram.count == 100)
        #expect(histogram.maximum == 100_000)
        #expect((50_000...50_800).contains(histogram.quantile(0.5)))
        #expect((99_000...100_000).contains(histogram.quantile(0.99)))
        #expect(histogram.quantile(1) == 100_000)
        #expect((1000...1016).contains(histogram.quantile(0)))
    }

    @Test func emptyHistogramHasZeroQuantiles() {
        let histogram = Histogram()
        #expect(histogram.quantile(0.5) == 0)
        #expect(histogram.maximum == 0)
    }

    /// One slow value among many shows in the maximum, and not in the median.
    @Test func oneSlowValueShowsInTheMaximumOnly() {
        var histogram = Histogram()
        for _ in 0..<999 { histogram.add(50) }
        histogram.add(1_000_000_000)
        #expect(histogram.quantile(0.5) == 50)
        #expect(histogram.quantile(0.99) == 50)
        #expect(histogram.quantile(0.9999) == 1_000_000_000)
    }
}
