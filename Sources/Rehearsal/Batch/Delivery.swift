import Addressing
import Glibc
import RuleTrace
import Sockets

/// Waits for the packets of a batch, and answers from the listeners that receive them.
final class Delivery {
    /// The maximum time without an event; delivery takes less than a millisecond.
    private static let timeout = Duration.seconds(1)
    private static let answer = Array("answer".utf8)
    private static let buffer = [UInt8](repeating: 0, count: 256)

    private let letters: [Letter]
    private let listeners: [Listener]
    private let bySender: [Letter.Sender: Letter]
    /// Open until the end, so that no connection closes before its answer arrives.
    private var connections: [Socket] = []

    init(_ letters: [Letter], _ listeners: [Listener]) {
        self.letters = letters
        self.listeners = listeners
        bySender = Dictionary(letters.map { ($0.sender, $0) }) { first, _ in first }
    }

    /// Runs until all packets are done or no event occurs for a while.
    func run() {
        let clock = ContinuousClock()
        var end = clock.now.advanced(by: Self.timeout)
        while clock.now < end, letters.contains(where: { !$0.isDone }) {
            if pollSockets() { end = clock.now.advanced(by: Self.timeout) }
        }
        for letter in letters { letter.fail() }
    }

    /// Polls all sockets; returns whether an event occurred.
    private func pollSockets() -> Bool {
        let waiting = letters.filter { !$0.isDone }
        var entries = (listeners.map(\.socket) + waiting.map(\.socket)).map { socket in
            pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
        }
        guard unsafe poll(&entries, nfds_t(entries.count), 50) > 0 else { return false }
        var hasHappened = false
        for (listener, entry) in zip(listeners, entries) where entry.revents != 0 {
            switch listener.socket.kind {
            case .stream: hasHappened = accept(listener) || hasHappened
            case .datagram: hasHappened = receive(listener) || hasHappened
            case .raw: continue
            }
        }
        for (letter, entry) in zip(waiting, entries.dropFirst(listeners.count))
        where entry.revents != 0 {
            hasHappened = read(letter) || hasHappened
        }
        return hasHappened
    }

    private func accept(_ listener: Listener) -> Bool {
        var hasHappened = false
        while let connection = try? listener.socket.accept() {
            connections.append(connection)
            hasHappened = true
            guard let letter = letter(.tcp, connection.peer) else { continue }
            letter.arrive(at: listener.place)
            if case .proxy = listener.place {
                letter.keepsOriginalDestination =
                    connection.originalDestination == letter.target.socketAddress
            }
            try? connection.send(Self.answer)
        }
        return hasHappened
    }

    private func receive(_ listener: Listener) -> Bool {
        var hasHappened = false
        var buffer = Self.buffer
        while let (_, sender) = listener.socket.receiveDatagram(into: &buffer) {
            hasHappened = true
            // An answer to anything else could come back to a listener, without end.
            guard let letter = letter(.udp, sender) else { continue }
            letter.arrive(at: listener.place)
            try? listener.socket.send(Self.answer, to: sender)
        }
        return hasHappened
    }

    private func letter(
        _ transport: TransportProtocol, _ sender: SocketAddress?
    ) -> Letter? {
        sender.flatMap { bySender[.init(transport: transport, address: $0)] }
    }

    /// Reads an answer or an error of the sender.
    private func read(_ letter: Letter) -> Bool {
        var buffer = Self.buffer
        if let count = letter.receive(into: &buffer),
            buffer.prefix(count).elementsEqual(Self.answer)
        {
            letter.isAnswered = true
            return true
        }
        // The connection was refused; if a listener has the packet, only its answer is lost.
        guard letter.landing == nil else { return false }
        letter.fail()
        return true
    }
}
