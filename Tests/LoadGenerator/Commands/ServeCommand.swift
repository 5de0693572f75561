import Addressing
import ArgumentParser
import Glibc
import Sockets

struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Listen, say who one is, and send back what comes, until killed.",
        discussion: """
            Prints 'ready' when it listens. A connection is told who answers and where it was going to \
            before it was redirected; a datagram comes back with who answers in front. Datagrams are \
            answered from the address listened on, so name the one they are redirected to.
            """)

    @Argument(help: "Who to be: proxy or destination.")
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
        // Who waits for the line reads a pipe, which print() would fill first.
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

/// Why there is no listener.
private struct NotListening: Error, CustomStringConvertible {
    var endpoint: String
    var reason: String

    var description: String { "can't listen at \(endpoint): \(reason)" }
}
