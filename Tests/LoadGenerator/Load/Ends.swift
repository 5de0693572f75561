import Addressing
import Sockets

/// Where traffic goes and where it comes from; each in turn.
struct Ends: Sendable {
    private let targets: [Endpoint]
    private let sources: [AddressFamily: [Endpoint]]
    private let transport: TransportProtocol

    /// Takes one target at least; without a source of a target's family the kernel chooses.
    init(_ transport: TransportProtocol, targets: [Endpoint], sources: [Endpoint]) {
        self.transport = transport
        self.targets = targets
        self.sources = Dictionary(grouping: sources, by: \.family)
    }

    func target(of serial: UInt64) -> Endpoint {
        targets[Int(serial % UInt64(targets.count))]
    }

    /// A socket on its way to the target of this number.
    func open(_ serial: UInt64) throws(SocketError) -> Socket {
        let target = target(of: serial)
        let socket = try Socket(transport, target.family)
        if let sources = sources[target.family] {
            let turn = serial / UInt64(targets.count)
            try socket.send(from: sources[Int(turn % UInt64(sources.count))].address)
        }
        if transport == .tcp {
            try socket.closeByReset()
            try socket.dontDelay()
        }
        try socket.connect(to: target.address)
        return socket
    }
}
