import Testing

@testable import TproxyBench

@Suite struct DataPlaneResultsTests {
    private let ours = TestRules(kind: .tproxy, size: 10)
    private let smallest = TestRules(kind: .smallest, size: 0)

    private func sample(_ seconds: Double) -> Traffic.Sample {
        Traffic.Sample(
            connectMedian: seconds, connectHigh: seconds, connection: seconds, query: nil,
            exchange: seconds)
    }

    /// A slow machine affects both sides of a lap, so the ratio stays the same.
    @Test func ratioComparesMeasurementsOfTheSameLap() throws {
        var results = DataPlaneResults(sizes: [10])
        let rounds = [[1.0, 4, 1], [4, 1, 4]]
        for (round, laps) in rounds.enumerated() {
            for burden in laps {
                results.add(sample(burden * 1.5), ours, round: round)
                results.add(sample(burden), smallest, round: round)
            }
        }
        let ratio = try #require(results.ratio(ours, to: smallest, .connectMedian))
        #expect(ratio == Spread([1.5, 1.5]))
        #expect(results.spread(smallest, .connectMedian) == Spread([1, 4]))
        #expect(results.roundCount(ours) == 2)
        #expect(results.ratio(ours, to: smallest, .query) == nil)
    }
}
