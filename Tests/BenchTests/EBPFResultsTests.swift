import JSON
import Testing

@testable import TproxyBench

@Suite struct EBPFResultsTests {
    /// Results in which a contender takes a number of microseconds for everything.
    private func results(most: Int, _ time: (EBPFContender) -> Double) -> EBPFResults {
        var results = EBPFResults(most: most)
        for contender in EBPFContender.allCases {
            let seconds = time(contender) / 1_000_000
            let traffic = Traffic.Sample(
                connectMedian: seconds, connectHigh: seconds, connection: seconds, query: nil,
                exchange: seconds)
            results.add(.init(traffic: traffic, bulk: seconds), contender, round: 0)
        }
        return results
    }

    private func met(_ results: EBPFResults) -> [String: Bool?] {
        Dictionary(results.bars.map { ($0.name, $0.isMet) }) { $1 }
    }

    @Test func barsCompareWithTheRightContender() {
        let good = results(most: 100_000) { contender in
            switch contender {
            case .direct: 10
            case .nft, .smallest: 14
            case .ebpf: 10.2
            case .ebpfMany: 11.1
            }
        }
        #expect(met(good) == ["8a": true, "8b": true, "8c": true, "8d": true])
        let bad = results(most: 100_000) { contender in
            switch contender {
            case .direct: 10
            case .nft, .smallest: 14
            case .ebpf: 12.1
            case .ebpfMany: 13.4
            }
        }
        #expect(met(bad) == ["8a": false, "8b": false, "8c": false, "8d": false])
    }

    @Test func fewerExclusionsDoNotMeetTheBar() {
        #expect(met(results(most: 3) { _ in 10 })["8d"] == .some(nil))
    }

    @Test func ratesAreComparedAsRates() throws {
        let results = results(most: 3) { $0 == .ebpf ? 1_000_000 : 1_200_000 }
        let row = try #require(results.tables.first?.rows.first { $0[0] == "tproxy, by eBPF" })
        #expect(row == ["tproxy, by eBPF", "1.00 s", "0.83", "1", "1.20"])
    }
}
