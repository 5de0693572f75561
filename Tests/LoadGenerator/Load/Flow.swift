import Sockets

/// A connection, or a pair of ends of datagrams, that is kept.
struct Flow {
    enum State {
        /// Waits for the greeting.
        case opening(since: Clock.Time)
        /// Waits for this many bytes of the answer.
        case awaiting(since: Clock.Time, left: Int)
        case resting(until: Clock.Time)
        case ended

        var isGoing: Bool {
            switch self {
            case .opening, .awaiting, .resting: true
            case .ended: false
            }
        }
    }

    let socket: Socket
    let number: Int
    var state: State
    /// The outcome by the role of the other end.
    var outcome = Outcome.correct
    /// Messages so far.
    var sent: UInt64 = 0
}
