import Glibc
import Sockets

/// What became of a connection, a query or a message.
enum Outcome: String, CaseIterable, Sendable {
    /// Answered by whom it was meant for, who knew where it had been going.
    case captured
    /// Answered by the other one: past the proxy, or into it.
    case misdirected
    /// Answered by whom it was meant for, who takes it for another destination.
    case altered
    case refused
    /// Ended by the other side before its answer.
    case reset
    /// No answer in time.
    case lost
    /// This machine couldn't send it.
    case failed

    /// What an error on a socket says.
    init(_ error: SocketError) {
        self =
            switch error.code {
            case ECONNREFUSED: .refused
            case ECONNRESET, EPIPE: .reset
            case ETIMEDOUT: .lost
            case _: .failed
            }
    }
}
