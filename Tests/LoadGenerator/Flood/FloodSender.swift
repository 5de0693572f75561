import Glibc
import Sockets

/// Sends segments to one target.
struct FloodSender {
    private let socket: Socket
    private var segments: [SYNSegment]
    private var turn = 0
    private var port = Self.ports.lowerBound
    private static let ports: ClosedRange<UInt16> = 1024...UInt16.max

    init(
        _ target: FloodTarget, number: UInt32, from sources: [Endpoint]
    ) throws(SocketError) {
        socket = try Socket(.raw, target.endpoint.family, owner: target.owner, waits: true)
        // The port of a raw socket is its protocol.
        try socket.connect(to: SocketAddress(target.endpoint.address.address, 0))
        segments = sources.map { SYNSegment(from: $0, to: target.endpoint, number: number) }
    }

    /// Sends from the next source; false when the kernel has no room for it now.
    mutating func send() throws(SocketError) -> Bool {
        segments[turn].setSourcePort(port)
        let isSent = try send(segments[turn].bytes)
        turn += 1
        if turn == segments.count {
            turn = 0
            port = port == Self.ports.upperBound ? Self.ports.lowerBound : port + 1
        }
        return isSent
    }

    private func send(_ packet: [UInt8]) throws(SocketError) -> Bool {
        do throws(SocketError) {
            try socket.send(packet)
            return true
        } catch {
            switch error.code {
            // The output hook dropped it, behind the rules that it was to meet.
            case EPERM: return true
            case ENOBUFS, EAGAIN, EINTR: return false
            case _: throw error
            }
        }
    }
}
