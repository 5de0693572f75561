import Addressing
import Glibc
import Sockets
import Testing
import TproxyTestSupport

@testable import Rehearsal

/// A released socket frees its port, even if a copy of its descriptor is open.
///
/// A child process has such a copy between fork(2) and execve(2), so a program that another thread
/// starts kept ports in use. Here it is a duplicate.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct RehearsalSocketTests {
    private static let address = IPAddress.localhost(.ipv4)
    private static let port = Port.outboundDefault

    @Test func closedListenerFreesItsPort() throws {
        try StandingRehearsal.run(networks: []) { _ in
            let copy = try Self.duplicate(Self.listener())
            defer { close(copy) }
            #expect(throws: Never.self) { try Self.listener() }
        }
    }

    @Test func closedConnectionFreesItsPort() throws {
        try StandingRehearsal.run(networks: []) { _ in
            let listener = try Self.listener()
            let copy = try Self.duplicate(Self.connection(to: listener))
            defer { close(copy) }
            #expect(throws: Never.self) { try Self.connection(to: listener) }
        }
    }

    private static func listener() throws -> Socket {
        let socket = try Socket.rehearsing(.tcp, .ipv4, owner: .root)
        try socket.listen(on: SocketAddress(address, port.number))
        return socket
    }

    private static func connection(to listener: Socket) throws -> Socket {
        let socket = try Socket.rehearsing(.tcp, .ipv4, owner: .root)
        try socket.bind(to: SocketAddress(address, 45_000))
        try socket.connect(to: SocketAddress(address, port.number))
        var entry = pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)
        try #require(poll(&entry, 1, 60_000) == 1)
        let accepted = try #require(try listener.accept())
        try #require(accepted.peer?.port == 45_000)
        return socket
    }

    private static func duplicate(_ socket: Socket) throws -> Int32 {
        let copy = withExtendedLifetime(socket) { dup(socket.descriptor) }
        try #require(copy >= 0)
        return copy
    }
}
