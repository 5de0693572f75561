import Addressing
import Sockets

/// Answers whoever comes: says who it is, and sends back what it gets.
struct Server: ~Copyable {
    private let role: Role
    private var poller: Poller
    private var listeners: [Int32: Socket] = [:]
    /// By descriptor.
    private var connections: [Socket?] = []
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)

    init(_ role: Role) throws(SocketError) {
        self.role = role
        poller = try Poller()
    }

    mutating func listen(_ transport: TransportProtocol, _ endpoint: Endpoint) throws(SocketError) {
        let socket = try Socket(transport, endpoint.family)
        // Room for all that comes while a busy machine runs other programs.
        if transport == .udp { try socket.enlargeReceiveBuffer(to: 1 << 23) }
        try socket.listen(on: endpoint.address)
        try poller.watch(socket)
        listeners[socket.descriptor] = socket
    }

    /// Runs until the process is killed.
    mutating func run() {
        while true {
            let limit = Clock.now + 1_000_000_000
            for event in poller.wait(until: limit) {
                if let listener = listeners[event.descriptor] {
                    switch listener.kind {
                    case .stream: accept(listener)
                    case .datagram: answerDatagrams(listener)
                    case .raw: continue
                    }
                } else {
                    echo(Int(event.descriptor))
                }
            }
        }
    }

    private mutating func answerDatagrams(_ listener: Socket) {
        let prefix = role.byte
        while listener.answerDatagram(&buffer, { [prefix] + $0 }) != nil {}
    }

    private mutating func accept(_ listener: Socket) {
        // A connection that can't be accepted or greeted has ended; others may wait.
        while let connection = try? listener.accept() {
            // A connection that the kernel doesn't track keeps its own address.
            guard let address = connection.originalDestination ?? connection.localAddress
            else { continue }
            let greeting = Greeting(role: role, destination: Destination(address))
            do throws(SocketError) {
                try connection.dontDelay()
                try connection.send(greeting.bytes)
                try poller.watch(connection)
            } catch {
                continue
            }
            let place = Int(connection.descriptor)
            if place >= connections.count {
                connections += repeatElement(nil, count: place + 1 - connections.count)
            }
            connections[place] = connection
        }
    }

    private mutating func echo(_ place: Int) {
        guard connections.indices.contains(place), let connection = connections[place]
        else { return }
        do throws(SocketError) {
            while let count = try connection.receive(into: &buffer) {
                guard count > 0 else {
                    connections[place] = nil
                    return
                }
                try connection.send(Array(buffer.prefix(count)))
            }
        } catch {
            connections[place] = nil
        }
    }
}
