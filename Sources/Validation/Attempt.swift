import Addressing
import Glibc
import RuleTrace
import Sockets

/// The connection of a probe, in progress.
final class Attempt {
    enum Event: Hashable {
        /// The listener of this port answered with the token.
        case answered(by: Port)
        /// A program that isn't ours answered.
        case answeredByAnother
        /// The kernel ended the connection.
        case failed(String)
    }

    let probe: Probe
    private(set) var socket: Socket?
    /// The local address, by which a listener knows the connection.
    private(set) var sender: SocketAddress?
    /// The first event; nil while there is none.
    private(set) var event: Event?
    /// Whether the connection is established.
    private(set) var isConnected = false
    private var received: [UInt8] = []

    init(_ probe: Probe) {
        self.probe = probe
    }

    /// Opens the connection, and sends the query of a datagram.
    func begin(_ token: ValidationToken, own: UserID) {
        do throws(SocketError) {
            let socket = try Socket(
                probe.packet.transport, probe.packet.family,
                owner: probe.owner == own ? nil : probe.owner)
            if let source = probe.source { try socket.bind(to: SocketAddress(source, 0)) }
            try socket.connect(to: probe.destination)
            self.socket = socket
            sender = socket.localAddress
            if probe.packet.transport == .udp { try socket.send(token.query) }
        } catch {
            event = .failed(error.description)
        }
    }

    /// The events that poll(2) waits for: a TCP connection is established when it is writable.
    var awaited: Int16 {
        Int16(POLLIN) | (probe.packet.transport == .tcp && !isConnected ? Int16(POLLOUT) : 0)
    }

    /// Reads what has arrived.
    func read(_ token: ValidationToken, ports: [Port], _ revents: Int16) {
        guard let socket, event == nil else { return }
        if let error = socket.pendingError {
            event = .failed(error.reason)
            return
        }
        if revents & Int16(POLLOUT) != 0 { isConnected = true }
        guard revents & Int16(POLLIN | POLLHUP) != 0 else { return }
        var buffer = [UInt8](repeating: 0, count: 1024)
        do throws(SocketError) {
            guard let count = try socket.receive(into: &buffer) else { return }
            received += buffer.prefix(count)
            if let port = ports.first(where: { token.isAnswer(received, of: $0) }) {
                event = .answered(by: port)
            } else if count == 0 || probe.packet.transport == .udp || received.count >= 512 {
                event = .answeredByAnother
            }
        } catch {
            event = .failed(error.reason)
        }
    }

    /// What was received, for an answer that isn't ours.
    var answer: [UInt8] { received }
}
