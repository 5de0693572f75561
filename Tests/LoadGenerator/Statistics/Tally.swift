/// The outcomes of everything that was sent in one run.
struct Tally: Sendable {
    /// One with another outcome than the expected one.
    struct Trouble: Sendable {
        /// The time of sending, since the beginning of the run.
        var milliseconds: UInt64
        var outcome: Outcome
        var target: String
        var words: String
    }

    /// More than a reader needs.
    private static let troubleLimit = 50

    private(set) var counts: [Outcome: UInt64] = [:]
    private(set) var troubles: [Trouble] = []
    /// Until the answer; for connections, until they were established.
    private(set) var latency = Histogram()
    private(set) var retransmitted: UInt64 = 0
    /// Flows that were kept open; 0 if each attempt is a flow.
    var flows: UInt64 = 0
    var nanoseconds: UInt64 = 0

    var sent: UInt64 { counts.values.reduce(0, +) }

    func count(_ outcome: Outcome) -> UInt64 { counts[outcome] ?? 0 }

    /// Counts an answered one.
    mutating func add(_ outcome: Outcome, latency nanoseconds: UInt64, retransmissions: Int = 0) {
        counts[outcome, default: 0] += 1
        latency.add(nanoseconds)
        if retransmissions > 0 { retransmitted += 1 }
    }

    /// Counts an unanswered one.
    mutating func add(_ outcome: Outcome) {
        counts[outcome, default: 0] += 1
    }

    mutating func note(_ trouble: @autoclosure () -> Trouble) {
        guard troubles.count < Self.troubleLimit else { return }
        troubles.append(trouble())
    }

    /// Answers per second.
    var perSecond: UInt64 {
        guard nanoseconds > 0 else { return 0 }
        return UInt64(Double(latency.count) * 1e9 / Double(nanoseconds))
    }
}
