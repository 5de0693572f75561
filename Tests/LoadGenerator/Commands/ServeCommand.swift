import Addressing
import ArgumentParser
import Glibc
import Sockets

struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Listen, name the role, and echo all data, until killed.",
        discussion: """
            Prints 'ready' when it listens. A connection receives the role and its original \
            destination; a datagram is echoed after the role. Datagrams are answered from the \
            listening address, so name the address that they are redirected to.
            """)

    @Argument(help: "The role: proxy or destination.")
    var role: Role

    @Option(
        name: .customLong("tcp"), parsing: .singleValue,
        help: "Listen for connections at ADDRESS:PORT; repeat for more.")
    var connections: [Endpoint] = []

    @Option(
        name: .customLong("udp"), parsing: .singleValue,
        help: "Listen for datagrams at ADDRESS:PORT; repeat for more.")
    var datagrams: [Endpoint] = []

    func run() throws {
        DescriptorLimit.raise()
        var server = try Server(role)
        for endpoint in connections { try listen(&server, .tcp, endpoint) }
        for endpoint in datagrams { try listen(&server, .udp, endpoint) }
        // The reader of the line reads a pipe, for which print() would buffer it.
        _ = unsafe write(STDOUT_FILENO, "ready\n", 6)
        server.run()
    }

    private func listen(
        _ server: inout Server, _ transport: TransportProtocol, _ endpoint: Endpoint
    ) throws {
        do throws(SocketError) {
            try server.listen(transport, endpoint)
        } catch {
            throw NotListening(endpoint: endpoint.text, reason: error.reason)
        }
    }
}

/// The reason why there is no listener.
private struct NotListening: Error, CustomStringConvertible {
    var endpoint: String
    var reason: String

    var description: String { "can't listen at \(endpoint): \(reason)" }
}
