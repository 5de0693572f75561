import Glibc
import JSON
import Sockets

/// Sends to all targets in turn.
struct FloodRun {
    /// Segments between two readings of the clock.
    static let burst = 256

    private var senders: [FloodSender]
    private var schedule: Schedule
    private var turn = 0
    private var sent: UInt64 = 0
    private var unsent: UInt64 = 0
    private let begin = Clock.now

    init(_ senders: [FloodSender], _ schedule: Schedule) {
        self.senders = senders
        self.schedule = schedule
    }

    /// How many were sent, how many the kernel had no room for, and how long it took.
    mutating func run() throws(SocketError) -> JSONValue {
        var time: UInt64 = 0
        while !schedule.isOver(at: time), !StopSignal.hasCome {
            let due = schedule.due(at: time, unanswered: 0)
            for _ in 0..<min(due, Self.burst) { try send() }
            if due == 0 { Self.sleep(schedule.nextLook - min(time, schedule.nextLook)) }
            time = Clock.now.nanoseconds(after: begin)
        }
        return [
            "sent": .count(sent), "unsent": .count(unsent),
            "milliseconds": .count(time / 1_000_000),
            "perSecond": .count(time == 0 ? 0 : UInt64(Double(sent) / Double(time) * 1e9)),
        ]
    }

    private mutating func send() throws(SocketError) {
        schedule.start()
        if try senders[turn].send() { sent += 1 } else { unsent += 1 }
        turn = turn + 1 == senders.count ? 0 : turn + 1
    }

    private static func sleep(_ nanoseconds: UInt64) {
        var time = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        unsafe nanosleep(&time, nil)
    }
}
