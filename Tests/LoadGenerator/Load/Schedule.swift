/// The pace of sending.
enum Pace: Sendable {
    /// Sends per second, whether or not earlier ones are answered (open loop).
    case rate(Double)
    /// Sends the next as soon as fewer than this are unanswered (closed loop).
    case atOnce(Int)
}

/// How many must be sent by which time, in nanoseconds since the beginning.
struct Schedule: Sendable {
    private let pace: Pace
    private let end: UInt64
    private var count: UInt64
    private(set) var started: UInt64 = 0

    /// The time or the number ends it, whichever is reached first.
    ///
    /// With a rate, a machine that was too busy sends the rest after the time.
    init(_ pace: Pace, seconds: Double, count: UInt64?) {
        self.pace = pace
        end = UInt64(seconds * 1e9)
        switch pace {
        case .rate(let rate): self.count = min(count ?? .max, UInt64(rate * seconds))
        case .atOnce: self.count = count ?? .max
        }
    }

    /// How many to send now.
    func due(at time: UInt64, unanswered: Int) -> Int {
        guard !isOver(at: time) else { return 0 }
        switch pace {
        case .rate(let rate):
            let wanted = min(UInt64(Double(time) * rate / 1e9) + 1, count)
            return wanted > started ? Int(wanted - started) : 0
        case .atOnce(let limit):
            return min(max(0, limit - unanswered), Int(clamping: count - started))
        }
    }

    mutating func start() {
        started += 1
    }

    /// Sends no more.
    mutating func stop() {
        count = started
    }

    /// Whether no more is sent.
    func isOver(at time: UInt64) -> Bool {
        switch pace {
        case .rate: started >= count
        case .atOnce: started >= count || time >= end
        }
    }

    /// When to look again, if nothing is answered before.
    var nextLook: UInt64 {
        switch pace {
        case .rate(let rate): UInt64(Double(started) * 1e9 / rate)
        case .atOnce: end
        }
    }
}
