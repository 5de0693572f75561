/// Answers every client: names its role, and echoes all data.
struct Server: ~Copyable {
    private let role: Role
    private var poller: Poller
    private var listeners: [Int32: (socket: Socket, transport: Transport)] = [:]
    /// By descriptor.
    private var connections: [Socket?] = []
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)

    init(_ role: Role) throws(SystemError) {
        self.role = role
        poller = try Poller()
    }

    mutating func listen(_ transport: Transport, _ endpoint: Endpoint) throws(SystemError) {
        let socket = try Socket(transport, endpoint.family)
        try socket.listen(on: endpoint, transport)
        try poller.watch(socket)
        listeners[socket.descriptor] = (socket, transport)
    }

    /// Runs until the process is killed.
    mutating func run() {
        while true {
            let limit = Clock.now + 1_000_000_000
            for event in poller.wait(until: limit) {
                if let listener = listeners[event.descriptor] {
                    switch listener.transport {
                    case .tcp: accept(listener.socket)
                    case .udp: while listener.socket.answerDatagram(role.byte, &buffer) {}
                    }
                } else {
                    echo(Int(event.descriptor))
                }
            }
        }
    }

    private mutating func accept(_ listener: Socket) {
        // A connection that can't be accepted or greeted has ended; others may wait.
        while let connection = try? listener.accept() {
            guard let destination = connection.destination else { continue }
            let greeting = Greeting(role: role, destination: destination)
            do throws(SystemError) {
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
        do throws(SystemError) {
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
