import Addressing
import RuleTrace
import Netlink
import Sockets

/// Packets that are sent together, with their results.
struct PacketBatch {
    private let network: RehearsalNetwork
    private let proxy: [Listener]
    private var letters: [Letter] = []
    private var targets: [Target: Socket] = [:]

    init(_ network: RehearsalNetwork, _ proxy: [Listener]) {
        self.network = network
        self.proxy = proxy
    }

    /// Adds a packet: creates its sender's socket, and a listener at its destination.
    mutating func add(_ path: RehearsalPath, from port: UInt16) throws(RehearsalError) {
        let packet = path.packet
        let target = Target(
            transport: packet.transport, address: packet.destination, port: packet.destinationPort)
        if targets[target] == nil {
            switch network.holder(of: packet.destination) ?? .peer {
            case .host: try network.host.enter()
            case .peer: try network.peer.enter()
            case .container(let index): try network.containers[index].enter()
            }
            targets[target] = try server(of: packet)
        }
        switch path.start {
        case .host: try network.host.enter()
        case .peer: try network.peer.enter()
        case .container(let index): try network.containers[index].enter()
        }
        let socket = try sender(of: packet, port)
        letters.append(Letter(path: path, target: target, port: port, socket: socket))
    }

    private func server(of packet: Packet) throws(RehearsalError) -> Socket {
        do throws(SocketError) {
            let server = try Socket.rehearsing(
                packet.transport, packet.family, owner: .applicationUser)
            try server.listen(
                on: SocketAddress(packet.destination, packet.destinationPort.number))
            return server
        } catch {
            throw RehearsalError(error)
        }
    }

    private func sender(
        of packet: Packet, _ port: UInt16
    ) throws(RehearsalError) -> Socket {
        do throws(SocketError) {
            let socket = try Socket.rehearsing(
                packet.transport, packet.family, owner: packet.owner ?? .applicationUser)
            try socket.bind(to: SocketAddress(packet.source, port))
            return socket
        } catch {
            throw RehearsalError(error)
        }
    }

    /// Sends all; the thread is then in the host.
    func send() throws(RehearsalError) -> [RehearsalResult] {
        try network.host.enter()
        // Conntrack entries belong to other rules.
        try? Conntrack.flush()
        for letter in letters {
            letter.post()
        }
        let listeners = proxy + targets.map { Listener(socket: $1, place: .target($0)) }
        let delivery = Delivery(letters, listeners)
        delivery.run()
        let zones = ConntrackZones()
        for letter in letters { letter.zone = zones.zone(of: letter) }
        return letters.map(\.result)
    }
}

/// A packet in transit.
final class Letter {
    let path: RehearsalPath
    let target: Target
    let port: UInt16
    let socket: Socket

    /// The landing; nil while the packet is in transit.
    var landing: Landing?
    var keepsOriginalDestination: Bool?
    var isAnswered = false
    var zone: UInt16?

    init(path: RehearsalPath, target: Target, port: UInt16, socket: Socket) {
        self.path = path
        self.target = target
        self.port = port
        self.socket = socket
    }

    /// Whether no further event can occur.
    var isDone: Bool {
        if case .nowhere = landing { return true }
        return isAnswered
    }

    /// The sender as the receiver sees it.
    var sender: Sender {
        Sender(
            transport: path.packet.transport, address: SocketAddress(path.packet.source, port))
    }

    struct Sender: Hashable {
        var transport: TransportProtocol
        var address: SocketAddress
    }

    /// Whether the socket is connected; of datagrams, every second one is sent without.
    var isConnected: Bool { target.transport == .tcp || port.isMultiple(of: 2) }

    /// Sends the packet, as its owner.
    func post() {
        do throws(SocketError) {
            guard let owner = path.packet.owner else { return try send() }
            try Socket.calling(as: owner) { () throws(SocketError) in try send() }
        } catch {
            landing = .nowhere(error.reason)
        }
    }

    private func send() throws(SocketError) {
        let question = Array("question".utf8)
        guard isConnected else { return try socket.send(question, to: target.socketAddress) }
        try socket.connect(to: target.socketAddress)
        if target.transport == .udp { try socket.send(question) }
    }

    /// Receives the answer, which has the original destination as its sender.
    func receive(into buffer: inout [UInt8]) -> Int? {
        guard !isConnected else { return (try? socket.receive(into: &buffer)) ?? nil }
        guard let (count, sender) = socket.receiveDatagram(into: &buffer),
            sender == target.socketAddress
        else { return nil }
        return count
    }

    /// Records the listener that received the packet.
    func arrive(at place: Listener.Place) {
        switch place {
        case .proxy(let port): landing = .proxy(port)
        case .target(target): landing = .destination
        case .target(let other): landing = .nowhere("it came to \(other.address) \(other.port)")
        }
    }

    /// Records the sender's error, if no listener has received the packet.
    func fail() {
        guard landing == nil else { return }
        landing = .nowhere(socket.pendingError?.reason ?? "not received")
    }

    var result: RehearsalResult {
        RehearsalResult(
            path: path, landing: landing ?? .nowhere("not received"), isAnswered: isAnswered,
            keepsOriginalDestination: keepsOriginalDestination, conntrackZone: zone)
    }
}
