import Sockets

/// A connection, or a pair of ends of datagrams, that is kept.
struct Flow {
    enum State {
        /// Waits for the greeting.
        case opening(since: Clock.Time)
        /// Waits for as many bytes of the answer.
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
    /// Who is at the other end, as it said.
    var outcome = Outcome.captured
    /// Messages so far.
    var sent: UInt64 = 0
}
