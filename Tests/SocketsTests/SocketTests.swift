import Addressing
import Glibc
import Sockets
import Testing

@Suite struct SocketTests {
    @Test(arguments: ["203.0.113.7", "0.0.0.0", "2001:db8::7", "::"])
    func anAddressComesBackFromTheKernelsForm(text: String) throws {
        let address = try #require(IPAddress(text))
        let written = SocketAddress(address, 50_123)
        #expect(written.address == address)
        #expect(written.port == 50_123)
        #expect(written.family == address.family)
        #expect(written == SocketAddress(address, 50_123))
        #expect(written != SocketAddress(address, 50_124))
    }

    @Test(arguments: AddressFamily.allCases) func aConnectionHasBothEnds(
        family: AddressFamily
    ) throws {
        guard let listener = try Self.listener(.tcp, family) else { return }
        let address = try #require(listener.localAddress)
        let client = try Socket(.tcp, family, waits: true)
        try client.connect(to: address)
        let server = try #require(try listener.accept())
        #expect(server.peer == client.localAddress)
        #expect(client.peer == address)
        #expect(server.localAddress == address)
        try client.send([1, 2, 3])
        var buffer = [UInt8](repeating: 0, count: 8)
        #expect(try server.receive(into: &buffer) == 3)
        #expect(buffer.prefix(3) == [1, 2, 3])
    }

    @Test(arguments: AddressFamily.allCases) func aDatagramIsAnswered(
        family: AddressFamily
    ) throws {
        guard let server = try Self.listener(.udp, family) else { return }
        let client = try Socket(.udp, family, waits: true)
        try client.connect(to: try #require(server.localAddress))
        try client.send([7, 8])
        var buffer = [UInt8](repeating: 0, count: 8)
        let sender = server.answerDatagram(&buffer) { [1] + $0 }
        #expect(sender == client.localAddress)
        #expect(try client.receive(into: &buffer) == 3)
        #expect(buffer.prefix(3) == [1, 7, 8])
    }

    @Test func aSocketThatDoesNotWaitReturnsNothing() throws {
        let listener = try Socket(.tcp, .ipv4)
        try listener.listen(on: SocketAddress(.localhost(.ipv4), 0))
        #expect(try listener.accept() == nil)
        let datagrams = try Socket(.udp, .ipv4)
        try datagrams.listen(on: SocketAddress(.localhost(.ipv4), 0))
        var buffer = [UInt8](repeating: 0, count: 8)
        #expect(try datagrams.receive(into: &buffer) == nil)
        #expect(datagrams.answerDatagram(&buffer, Array.init) == nil)
    }

    @Test func anErrorNamesTheStepAndTheAddress() throws {
        let first = try Socket(.tcp, .ipv4)
        try first.listen(on: SocketAddress(.localhost(.ipv4), 0))
        let address = try #require(first.localAddress)
        let second = try Socket(.tcp, .ipv4)
        let error = #expect(throws: SocketError.self) { try second.listen(on: address) }
        #expect(error?.code == EADDRINUSE)
        #expect(error?.step == "binding to 127.0.0.1 port \(address.port)")
    }

    /// Nil where the host has no such family.
    private static func listener(
        _ transport: TransportProtocol, _ family: AddressFamily
    ) throws -> Socket? {
        let socket = try Socket(transport, family, waits: true)
        do throws(SocketError) {
            try socket.listen(on: SocketAddress(.localhost(family), 0))
            return socket
        } catch {
            guard error.code == EADDRNOTAVAIL else { throw error }
            return nil
        }
    }
}
