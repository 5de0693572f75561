import Addressing
import Glibc
import RuleTrace

/// One packet sent for real.
struct Probe {
    /// Long enough for a busy machine; a path that works takes less than a millisecond.
    private static let limit = Duration.seconds(1)

    let path: RehearsalPath
    let client: Socket
    let listeners: [Listener]

    /// Sends, looks who got it, lets them answer, looks whether the answer comes back.
    func run() -> RehearsalResult {
        let packet = path.packet
        if let code = client.connect(to: packet.destination, packet.destinationPort) {
            return result(.nowhere(Self.words(code)))
        }
        switch packet.transport {
        case .tcp: return runConnection()
        case .udp: return runDatagram()
        }
    }

    private func runConnection() -> RehearsalResult {
        guard let listener = awaitListener() else { return result(.nowhere(refusal)) }
        guard let connection = listener.socket.accept() else {
            return result(.nowhere("the connection was gone at once"))
        }
        var keeps: Bool?
        if case .proxy = listener.landing {
            keeps =
                connection.originalDestination.map {
                    $0 == (path.packet.destination, path.packet.destinationPort.number)
                } ?? false
        }
        _ = connection.send("answer")
        return result(
            listener.landing, isAnswered: awaitReadable(client) && client.receive() == "answer",
            keeps)
    }

    private func runDatagram() -> RehearsalResult {
        if let code = client.send("question") { return result(.nowhere(Self.words(code))) }
        guard let listener = awaitListener() else { return result(.nowhere(refusal)) }
        _ = listener.socket.answerDatagram("answer")
        return result(
            listener.landing, isAnswered: awaitReadable(client) && client.receive() == "answer")
    }

    private func result(
        _ landing: Landing, isAnswered: Bool = false, _ keepsOriginal: Bool? = nil
    ) -> RehearsalResult {
        RehearsalResult(
            path: path, landing: landing, isAnswered: isAnswered,
            keepsOriginalDestination: keepsOriginal)
    }

    /// Why nobody got it, as far as the sender knows.
    private var refusal: String {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        unsafe getsockopt(client.descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        return code == 0 ? "nobody got it" : Self.words(code)
    }

    private static func words(_ code: Int32) -> String {
        unsafe String(cString: strerror(code))
    }

    /// The listener that something arrives at; nil when the time is up or the sender was refused.
    private func awaitListener() -> Listener? {
        let watched = [client.descriptor] + listeners.map(\.socket.descriptor)
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: Self.limit)
        while clock.now < end {
            var entries = watched.enumerated().map { index, descriptor in
                // The sender is watched for errors alone, which need not be asked for.
                pollfd(fd: descriptor, events: index == 0 ? 0 : Int16(POLLIN), revents: 0)
            }
            _ = unsafe poll(&entries, nfds_t(entries.count), 50)
            for (listener, entry) in zip(listeners, entries.dropFirst())
            where entry.revents & Int16(POLLIN) != 0 {
                return listener
            }
            if entries[0].revents & Int16(POLLERR) != 0 { return nil }
        }
        return nil
    }

    private func awaitReadable(_ socket: Socket) -> Bool {
        var entry = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, 1000) > 0 && entry.revents & Int16(POLLIN) != 0
    }
}
