import Foundation

/// The report of `LoadGenerator` on what it sent.
struct TrafficReport: Decodable {
    struct Latency: Decodable {
        /// Microseconds.
        var p50: Int
        var p99: Int
        var max: Int
    }

    struct Trouble: Decodable {
        /// Milliseconds since the beginning.
        var at: Int
        var outcome: String
        var target: String
        var words: String
    }

    var sent: Int
    var correct: Int
    var misdirected: Int
    var altered: Int
    var refused: Int
    var reset: Int
    var lost: Int
    var failed: Int
    var retransmitted: Int
    var flows: Int
    var milliseconds: Int
    var latency: Latency
    var troubles: [Trouble]

    init(_ text: some StringProtocol) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(text.utf8))
    }
}

extension TrafficReport: CustomStringConvertible {
    var description: String {
        let counts = [
            ("correct", correct), ("misdirected", misdirected), ("altered", altered),
            ("refused", refused), ("reset", reset), ("lost", lost), ("failed", failed),
            ("retransmitted", retransmitted),
        ]
        let words = counts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
        return "\(sent) sent, " + words.joined(separator: ", ")
            + ", p50 \(latency.p50) µs, p99 \(latency.p99) µs, max \(latency.max) µs"
    }
}
