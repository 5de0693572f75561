import CLinux
import Glibc
import Sockets

/// Watches sockets with epoll(7).
///
/// Edge-triggered: an event is reported once, and all of its data must be read.
@safe
struct Poller: ~Copyable {
    /// What happened to a socket.
    struct Event {
        var descriptor: Int32
        var isReadable: Bool
        var isWritable: Bool
        /// An error, or the end of the connection.
        var isBroken: Bool
    }

    private let descriptor: Int32
    private var events = unsafe [epoll_event](repeating: epoll_event(), count: 512)

    init() throws(SocketError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw .last("creating an epoll instance") }
    }

    deinit {
        close(descriptor)
    }

    /// Watches a socket until it is closed.
    func watch(_ socket: Socket) throws(SocketError) {
        var event = unsafe epoll_event()
        unsafe event.events = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLET.rawValue
        unsafe event.data.fd = socket.descriptor
        guard unsafe epoll_ctl(descriptor, EPOLL_CTL_ADD, socket.descriptor, &event) == 0
        else { throw .last("watching a socket") }
    }

    /// Waits until `deadline` at the latest, a time of `Clock`.
    mutating func wait(until deadline: Clock.Time) -> [Event] {
        let left = deadline.nanoseconds(after: Clock.now)
        // To the next millisecond, since no time at all would be a busy loop.
        let milliseconds = min((left + 999_999) / 1_000_000, 1000)
        let count = unsafe epoll_wait(
            descriptor, &events, Int32(events.count), Int32(milliseconds))
        return unsafe events.prefix(max(0, Int(count))).map { event in
            unsafe Event(
                descriptor: event.data.fd,
                isReadable: event.events & EPOLLIN.rawValue != 0,
                isWritable: event.events & EPOLLOUT.rawValue != 0,
                isBroken: event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0)
        }
    }
}
