import CLinux
import Glibc

/// Sends segments to one target.
struct FloodSender {
    private let socket: RawSocket
    private var segments: [SYNSegment]
    private var turn = 0
    private var port = Self.ports.lowerBound
    private static let ports: ClosedRange<UInt16> = 1024...UInt16.max

    init(
        _ target: FloodTarget, number: UInt32, from sources: [Endpoint]
    ) throws(FloodFailure) {
        socket = try RawSocket(to: target)
        segments = sources.map { SYNSegment(from: $0, to: target.endpoint, number: number) }
    }

    /// Sends from the next source; returns false if the kernel has no room for it now.
    mutating func send() throws(FloodFailure) -> Bool {
        segments[turn].setSourcePort(port)
        let isSent = try socket.send(segments[turn].bytes)
        turn += 1
        if turn == segments.count {
            turn = 0
            port = port == Self.ports.upperBound ? Self.ports.lowerBound : port + 1
        }
        return isSent
    }
}

/// The reason why there is no flood.
struct FloodFailure: Error, CustomStringConvertible {
    let description: String

    init(_ step: String, _ error: SystemError = SystemError()) {
        description = "\(step): \(error.words)"
    }
}

/// A socket that sends packets with their IP header, closed exactly once.
private final class RawSocket {
    private let descriptor: Int32
    private let target: String

    init(to target: FloodTarget) throws(FloodFailure) {
        self.target = target.endpoint.text
        // The owner that netfilter sees is the thread's file system user at this moment.
        let before = geteuid()
        guard clinux_set_filesystem_uid(target.owner) == 0 else {
            throw FloodFailure("becoming user \(target.owner)", SystemError(EPERM))
        }
        descriptor = socket(
            target.endpoint.family, Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue),
            Int32(IPPROTO_RAW))
        let error = SystemError()
        guard clinux_set_filesystem_uid(before) == 0 else {
            throw FloodFailure("becoming user \(before) again", SystemError(EPERM))
        }
        guard descriptor >= 0 else { throw FloodFailure("making a raw socket", error) }
        // The port of a raw socket is its protocol.
        let status = unsafe target.endpoint.withPort(0).withPointer { pointer, length in
            unsafe Glibc.connect(descriptor, pointer, length)
        }
        guard status == 0 else { throw FloodFailure("sending to \(self.target)") }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    func send(_ packet: [UInt8]) throws(FloodFailure) -> Bool {
        let count = unsafe Glibc.send(descriptor, packet, packet.count, 0)
        if count == packet.count { return true }
        let error = SystemError()
        switch error.code {
        // The output hook dropped it, after the rules that it had to pass.
        case EPERM: return true
        case ENOBUFS, EAGAIN, EINTR: return false
        default: throw FloodFailure("sending to \(target)", error)
        }
    }
}
