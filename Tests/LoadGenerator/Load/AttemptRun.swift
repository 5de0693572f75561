import Addressing
import Sockets

/// Opens connections, or sends queries, each from a socket of its own, and waits for the answers.
struct AttemptRun: ~Copyable {
    /// A connection or query that isn't answered yet.
    private struct Attempt {
        var socket: Socket
        var serial: UInt64
        var start: Clock.Time
        /// When the connection was established.
        var connected: Clock.Time?
    }

    private let ends: Ends
    private let transport: TransportProtocol
    private let expected: Role
    /// Nanoseconds.
    private let timeout: UInt64
    private var schedule: Schedule
    private var poller: Poller
    /// By descriptor.
    private var attempts: [Attempt?] = []
    private var unanswered = 0
    private var expiries = ExpiryQueue()
    private var buffer = [UInt8](repeating: 0, count: 64)
    private var tally = Tally()
    private let begin = Clock.now

    init(
        _ transport: TransportProtocol, _ ends: Ends, expecting expected: Role, timeout: UInt64,
        _ schedule: Schedule
    ) throws(SocketError) {
        self.transport = transport
        self.ends = ends
        self.expected = expected
        self.timeout = timeout
        self.schedule = schedule
        poller = try Poller()
    }

    /// Sends everything, and returns when each is answered or has expired.
    mutating func run() -> Tally {
        while true {
            if StopSignal.hasCome { schedule.stop() }
            let time = Clock.now.nanoseconds(after: begin)
            for _ in 0..<schedule.due(at: time, unanswered: unanswered) { start() }
            if schedule.isOver(at: Clock.now.nanoseconds(after: begin)), unanswered == 0 { break }
            let look = schedule.isOver(at: time) ? .max : begin + schedule.nextLook
            for event in poller.wait(until: min(look, expiries.next ?? .max)) { take(event) }
            expire()
        }
        tally.nanoseconds = Clock.now.nanoseconds(after: begin)
        return tally
    }

    private mutating func start() {
        let serial = schedule.started
        schedule.start()
        let start = Clock.now
        do throws(SocketError) {
            let socket = try ends.open(serial)
            try poller.watch(socket)
            if transport == .udp { try socket.send(Query.bytes(serial)) }
            let place = Int(socket.descriptor)
            if place >= attempts.count {
                attempts += repeatElement(nil, count: place + 1 - attempts.count)
            }
            attempts[place] = Attempt(socket: socket, serial: serial, start: start)
            expiries.add(place, serial, at: start + timeout)
            unanswered += 1
        } catch {
            count(Outcome(error), serial, start, error.reason)
        }
    }

    private mutating func take(_ event: Poller.Event) {
        let place = Int(event.descriptor)
        guard attempts.indices.contains(place), let attempt = attempts[place] else { return }
        if event.isWritable, !event.isBroken, attempt.connected == nil {
            attempts[place]?.connected = Clock.now
        }
        do throws(SocketError) {
            if event.isReadable, let count = try attempt.socket.receive(into: &buffer) {
                guard count > 0 else { return finish(place, .reset, "closed without an answer") }
                answer(place, buffer.prefix(count))
            } else if event.isBroken, let error = attempt.socket.pendingError {
                throw error
            }
        } catch {
            finish(place, Outcome(error), error.reason)
        }
    }

    private mutating func answer(_ place: Int, _ bytes: ArraySlice<UInt8>) {
        guard let attempt = attempts[place] else { return }
        let outcome: Outcome
        switch transport {
        case .tcp:
            outcome = Outcome(
                Greeting(bytes), expected, ends.target(of: attempt.serial).destination)
        case .udp:
            // The answer to an earlier query from the same port.
            guard bytes.dropFirst().elementsEqual(Query.bytes(attempt.serial)) else { return }
            outcome = bytes.first == expected.byte ? .correct : .misdirected
        }
        let end = transport == .tcp ? attempt.connected ?? Clock.now : Clock.now
        tally.add(
            outcome, latency: end.nanoseconds(after: attempt.start),
            retransmissions: transport == .tcp ? attempt.socket.retransmissions : 0)
        note(outcome, attempt.serial, attempt.start, "")
        forget(place)
    }

    private mutating func expire() {
        let now = Clock.now
        while let expired = expiries.removeFirst(before: now) {
            guard attempts[expired.place]?.serial == expired.serial else { continue }
            let isConnected = transport == .tcp && attempts[expired.place]?.connected != nil
            finish(expired.place, .lost, isConnected ? "connected, no answer" : "no answer")
        }
    }

    /// Ends one that has no answer.
    private mutating func finish(_ place: Int, _ outcome: Outcome, _ words: String) {
        guard let attempt = attempts[place] else { return }
        count(outcome, attempt.serial, attempt.start, words)
        forget(place)
    }

    private mutating func count(
        _ outcome: Outcome, _ serial: UInt64, _ start: Clock.Time, _ words: String
    ) {
        tally.add(outcome)
        note(outcome, serial, start, words)
    }

    private mutating func note(
        _ outcome: Outcome, _ serial: UInt64, _ start: Clock.Time, _ words: String
    ) {
        guard outcome != .correct else { return }
        tally.note(
            Tally.Trouble(
                milliseconds: start.nanoseconds(after: begin) / 1_000_000, outcome: outcome,
                target: ends.target(of: serial).text, words: words))
    }

    private mutating func forget(_ place: Int) {
        attempts[place] = nil
        unanswered -= 1
    }
}
