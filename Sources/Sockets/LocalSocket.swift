import CLinux
import Glibc

/// A Unix stream socket (unix(7)) that is closed exactly once.
package final class LocalSocket {
    package let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Listens at `path`, in place of a socket that a former process has left there.
    ///
    /// Only the owner of the file can connect.
    package static func listening(at path: String) throws(SocketError) -> LocalSocket {
        let socket = try make(waits: false)
        _ = unsafe unlink(path)
        // The mode applies from the creation on, whatever the umask.
        let mask = umask(0o177)
        defer { umask(mask) }
        let bound = try unsafe withAddress(path) { unsafe bind(socket.descriptor, $0, $1) }
        guard bound == 0 else { throw .last("binding to '\(path)'") }
        guard listen(socket.descriptor, 128) == 0 else { throw .last("listening at '\(path)'") }
        return socket
    }

    /// Connects to the socket at `path`; later calls wait for at most `seconds`.
    package static func connected(
        to path: String, seconds: Int
    ) throws(SocketError) -> LocalSocket {
        let socket = try make(waits: true)
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            guard unsafe setsockopt(socket.descriptor, SOL_SOCKET, option, &limit, size) == 0 else {
                throw .last("setting a socket option")
            }
        }
        let connected = try unsafe withAddress(path) { unsafe connect(socket.descriptor, $0, $1) }
        guard connected == 0 else { throw .last("connecting to '\(path)'") }
        return socket
    }

    /// Accepts a connection whose calls return at once; returns nil if none is pending.
    package func accept() -> LocalSocket? {
        let made = clinux_accept(descriptor, false)
        return made < 0 ? nil : LocalSocket(descriptor: made)
    }

    /// The UID of the process at the other end, when it connected or listened; nil if unknown.
    package var peerUser: UInt32? { UInt32(exactly: clinux_peer_user(descriptor)) }

    /// Sends all bytes; waits for at most `seconds` whenever the socket has no room.
    package func send(_ bytes: [UInt8], seconds: Int) throws(SocketError) {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) == 0,
            unsafe setsockopt(
                descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit,
                socklen_t(MemoryLayout<timeval>.size)) == 0
        else { throw .last("sending") }
        try send(bytes)
    }

    /// Sends all bytes; a nonblocking socket must have room for them.
    package func send(_ bytes: [UInt8]) throws(SocketError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .last("sending") }
            rest = rest.dropFirst(count)
        }
    }

    /// Receives at most `limit` bytes; empty at the end, nil if a nonblocking socket has none.
    package func receive(upTo limit: Int) throws(SocketError) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: limit)
        while true {
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            if count >= 0 { return Array(buffer.prefix(count)) }
            let error = SocketError.last("receiving")
            if error.code == EINTR { continue }
            guard error.code == EAGAIN, fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0 else {
                throw error
            }
            return nil
        }
    }

    private static func make(waits: Bool) throws(SocketError) -> LocalSocket {
        let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue
        let made = socket(
            AF_UNIX, Int32(type | (waits ? 0 : SOCK_NONBLOCK.rawValue)), 0)
        guard made >= 0 else { throw .last("creating a socket") }
        return LocalSocket(descriptor: made)
    }

    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(SocketError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        // The path ends with a zero byte.
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path), !bytes.contains(0) else {
            throw SocketError("using '\(path)'", code: ENAMETOOLONG)
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        return unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
