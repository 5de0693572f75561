/// What became of everything that was sent in one run.
struct Tally: Sendable {
    /// One that wasn't captured.
    struct Trouble: Sendable {
        /// Since the beginning of the run, when it was sent.
        var milliseconds: UInt64
        var outcome: Outcome
        var target: String
        var words: String
    }

    /// More than one looks at.
    private static let troubleLimit = 50

    private(set) var counts: [Outcome: UInt64] = [:]
    private(set) var troubles: [Trouble] = []
    /// Until the answer, or until the connection was there where that comes first.
    private(set) var latency = Histogram()
    private(set) var retransmitted: UInt64 = 0
    /// Flows that were kept open; 0 where each sending is one of its own.
    var flows: UInt64 = 0
    var nanoseconds: UInt64 = 0

    var sent: UInt64 { counts.values.reduce(0, +) }

    func count(_ outcome: Outcome) -> UInt64 { counts[outcome] ?? 0 }

    /// Counts one that was answered.
    mutating func add(_ outcome: Outcome, latency nanoseconds: UInt64, retransmissions: Int = 0) {
        counts[outcome, default: 0] += 1
        latency.add(nanoseconds)
        if retransmissions > 0 { retransmitted += 1 }
    }

    /// Counts one that had no answer.
    mutating func add(_ outcome: Outcome) {
        counts[outcome, default: 0] += 1
    }

    mutating func note(_ trouble: @autoclosure () -> Trouble) {
        guard troubles.count < Self.troubleLimit else { return }
        troubles.append(trouble())
    }

    /// Answered ones a second.
    var perSecond: UInt64 {
        guard nanoseconds > 0 else { return 0 }
        return UInt64(Double(latency.count) * 1e9 / Double(nanoseconds))
    }
}
