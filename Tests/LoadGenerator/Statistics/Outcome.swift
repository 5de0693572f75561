import Glibc
import Sockets

/// The outcome of a connection, a query or a message.
enum Outcome: String, CaseIterable, Sendable {
    /// Answered by the expected server, with the right original destination.
    case correct
    /// Answered by the other server.
    case misdirected
    /// Answered by the expected server, with a wrong original destination.
    case altered
    case refused
    /// Ended by the other side before its answer.
    case reset
    /// No answer in time.
    case lost
    /// This host couldn't send it.
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
