import Testing

@testable import TproxyBench

@Suite struct BarTests {
    /// Every contender's cost, in every case of these sizes.
    private func results(
        _ sizes: [Int], _ seconds: (Contender, ApplyCase, Int) -> Double?
    ) -> ApplyingResults {
        var results = ApplyingResults(sizes: sizes)
        for size in sizes {
            for contender in Contender.allCases {
                for step in ApplyCase.allCases {
                    let cost = seconds(contender, step, size).map {
                        Cost(wall: $0, user: $0 / 2, system: $0 / 2, peak: $0)
                    }
                    results.add(cost, .init(size: size, contender: contender, step: step))
                }
            }
        }
        return results
    }

    private func bar(_ name: String, _ results: ApplyingResults) throws -> Bar {
        try #require(ApplyingBars(results: results, limit: 120).all.first { $0.name == name })
    }

    @Test(arguments: [(1.5, true), (1.51, false)])
    func barIsMetUpToItsLimit(ours: Double, isMet: Bool) throws {
        let results = results([0]) { contender, _, _ in contender == .tproxy ? ours : 1 }
        #expect(try bar("1a", results).isMet == isMet)
        #expect(try bar("1b", results).isMet == false)
        #expect(try bar("2a", results).isMet == nil)
    }

    /// The worst of three cases decides.
    @Test func kumactlBarUsesTheWorstCase() throws {
        let results = results([10]) { contender, step, _ in
            contender == .tproxy && step == .same ? 0.6 : contender == .tproxy ? 0.1 : 1
        }
        #expect(try bar("3a", results).finding == .measured(try #require(Spread([0.6]))))
        #expect(try bar("3a", results).isMet == false)
    }

    /// A stopped comparison gives an upper bound of the ratio.
    @Test(arguments: [(12, true), (90, nil)] as [(Double, Bool?)])
    func stoppedComparisonGivesABound(ours: Double, isMet: Bool?) throws {
        let results = results([100_000]) { contender, _, _ in
            contender == .kumactl ? nil : ours
        }
        let bar = try bar("3a", results)
        #expect(bar.finding == .less(than: ours / 120))
        #expect(bar.isMet == isMet)
    }

    @Test(arguments: [(9.9, true), (10.1, false)])
    func growthBarAllowsTenTimesTheCost(growth: Double, isMet: Bool) throws {
        let results = results([10_000, 100_000]) { _, _, size in size == 10_000 ? 1 : growth }
        #expect(try bar("5a", results).isMet == isMet)
    }

    @Test(arguments: [(100, true), (101, false)])
    func changeBarComparesSentBytes(sent: Int, isMet: Bool) throws {
        var results = ApplyingResults(sizes: [100_000])
        for (step, bytes) in [(ApplyCase.first, 1000), (.one, sent)] {
            results.traffic[.init(size: 100_000, contender: .tproxy, step: step)] =
                .init(sent: bytes, received: 0)
        }
        #expect(try bar("2c", results).isMet == isMet)
    }

    @Test func missedAndUnmeasuredBarsAreReported() throws {
        let results = results([0]) { contender, _, _ in contender == .tproxy ? 9 : 1 }
        let lines = Bar.table(ApplyingBars(results: results, limit: 120).all).lines
        #expect(lines.contains { $0.contains("| 1a ") && $0.contains("MISSED") })
        #expect(lines.contains { $0.contains("| 2a ") && $0.contains("not measured") })
    }
}
