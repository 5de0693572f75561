import Addressing
import Sockets

/// Keeps flows open, and sends a small message to and fro on each.
struct StreamRun: ~Copyable {
    private let ends: Ends
    private let transport: TransportProtocol
    private let expected: Role
    private let flowCount: Int
    private let size: Int
    /// Nanoseconds between messages of a flow; 0 sends the next as soon as one is answered.
    private let interval: UInt64
    private let timeout: UInt64
    private var end: Clock.Time
    private var poller: Poller
    private var flows: [Flow] = []
    /// The number of the flow by descriptor.
    private var places: [Int32: Int] = [:]
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    private var tally = Tally()
    private let begin = Clock.now

    /// `size` is of each message, 8 bytes at least; `timeout` and `interval` are nanoseconds.
    init(
        _ transport: TransportProtocol, _ ends: Ends, expecting expected: Role, timeout: UInt64,
        flows: Int, size: Int, interval: UInt64, seconds: Double
    ) throws(SocketError) {
        self.transport = transport
        self.ends = ends
        self.expected = expected
        self.timeout = timeout
        flowCount = flows
        self.size = max(8, size)
        self.interval = interval
        end = begin + UInt64(seconds * 1e9)
        poller = try Poller()
    }

    /// Sends until the time is up, and returns when the last messages are answered.
    mutating func run() -> Tally {
        for number in 0..<flowCount { open(number) }
        tally.flows = UInt64(places.count)
        var nextLook = begin
        while flows.contains(where: \.state.isGoing) {
            for event in poller.wait(until: nextLook) {
                guard let place = places[event.descriptor] else { continue }
                take(event, place)
            }
            let now = Clock.now
            guard now >= nextLook else { continue }
            if StopSignal.hasCome { end = min(end, now) }
            for place in flows.indices { look(at: place, now) }
            // Often enough to keep the interval, and seldom enough to cost little.
            nextLook = now + min(max(interval / 4, 1_000_000), 10_000_000)
        }
        tally.nanoseconds = Clock.now.nanoseconds(after: begin)
        return tally
    }

    private mutating func open(_ number: Int) {
        do throws(SocketError) {
            let socket = try ends.open(UInt64(number))
            try poller.watch(socket)
            places[socket.descriptor] = flows.count
            flows.append(Flow(socket: socket, number: number, state: .opening(since: Clock.now)))
            // A datagram flow has no greeting; the first message is sent by the loop.
            if transport == .udp { flows[flows.count - 1].state = .resting(until: begin) }
        } catch {
            count(Outcome(error), number, error.reason)
        }
    }

    private mutating func take(_ event: Poller.Event, _ place: Int) {
        guard flows[place].state.isGoing else { return }
        do throws(SocketError) {
            while event.isReadable, let count = try flows[place].socket.receive(into: &buffer) {
                if count == 0 { return end(place, .reset, "closed by the other end") }
                try receive(buffer.prefix(count), place)
            }
            if event.isBroken, let error = flows[place].socket.pendingError { throw error }
        } catch {
            end(place, Outcome(error), error.reason)
        }
    }

    private mutating func receive(
        _ bytes: ArraySlice<UInt8>, _ place: Int
    ) throws(SocketError) {
        switch (transport, flows[place].state) {
        case (.tcp, .opening):
            let target = ends.target(of: UInt64(flows[place].number))
            flows[place].outcome = Outcome(Greeting(bytes), expected, target.destination)
            try send(place)
        case (.tcp, .awaiting(let since, let left)):
            guard bytes.count >= left else {
                flows[place].state = .awaiting(since: since, left: left - bytes.count)
                return
            }
            try answered(place, since)
        case (.udp, .awaiting(let since, _)):
            let query = Query.bytes(flows[place].sent)
            guard bytes.dropFirst().prefix(query.count).elementsEqual(query) else { return }
            flows[place].outcome = bytes.first == expected.byte ? .correct : .misdirected
            try answered(place, since)
        case (_, .opening), (_, .resting), (_, .ended): break
        }
    }

    private mutating func answered(_ place: Int, _ since: Clock.Time) throws(SocketError) {
        let now = Clock.now
        tally.add(flows[place].outcome, latency: now.nanoseconds(after: since))
        note(flows[place].outcome, flows[place].number, "")
        if now >= end {
            flows[place].state = .ended
        } else if interval == 0 {
            try send(place)
        } else {
            flows[place].state = .resting(until: since + interval)
        }
    }

    private mutating func send(_ place: Int) throws(SocketError) {
        flows[place].sent += 1
        let query = Query.bytes(flows[place].sent)
        let message = query + repeatElement(0, count: size - query.count)
        flows[place].state = .awaiting(since: Clock.now, left: size)
        try flows[place].socket.send(message)
    }

    /// Sends the message that is due, and gives up one that isn't answered.
    private mutating func look(at place: Int, _ now: Clock.Time) {
        switch flows[place].state {
        case .ended: break
        case .resting(let until):
            guard now >= until else { return }
            guard now < end else { return flows[place].state = .ended }
            do throws(SocketError) { try send(place) } catch {
                end(place, Outcome(error), error.reason)
            }
        case .opening(let since):
            guard now >= since + timeout else { return }
            end(place, .lost, "never opened")
        case .awaiting(let since, _):
            guard now >= since + timeout else { return }
            switch transport {
            case .tcp: end(place, .lost, "no answer")
            case .udp:
                // One datagram is lost; the flow continues.
                count(.lost, flows[place].number, "no answer")
                flows[place].state = .resting(until: now)
            }
        }
    }

    private mutating func end(_ place: Int, _ outcome: Outcome, _ words: String) {
        count(outcome, flows[place].number, words)
        flows[place].state = .ended
    }

    private mutating func count(_ outcome: Outcome, _ number: Int, _ words: String) {
        tally.add(outcome)
        note(outcome, number, words)
    }

    private mutating func note(_ outcome: Outcome, _ number: Int, _ words: String) {
        guard outcome != .correct else { return }
        tally.note(
            Tally.Trouble(
                milliseconds: Clock.now.nanoseconds(after: begin) / 1_000_000, outcome: outcome,
                target: ends.target(of: UInt64(number)).text, words: words))
    }
}
