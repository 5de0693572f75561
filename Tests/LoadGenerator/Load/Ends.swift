/// The targets and sources of traffic; each in turn.
struct Ends: Sendable {
    private let targets: [Endpoint]
    private let sources: [Int32: [Endpoint]]
    private let transport: Transport

    /// There must be one target at least; without a source of a target's family the kernel chooses
    /// one.
    init(_ transport: Transport, targets: [Endpoint], sources: [Endpoint]) {
        self.transport = transport
        self.targets = targets
        self.sources = Dictionary(grouping: sources, by: \.family)
    }

    func target(of serial: UInt64) -> Endpoint {
        targets[Int(serial % UInt64(targets.count))]
    }

    /// A socket that connects to the target of this number.
    func open(_ serial: UInt64) throws(SystemError) -> Socket {
        let target = target(of: serial)
        let socket = try Socket(transport, target.family)
        if let sources = sources[target.family] {
            let turn = serial / UInt64(targets.count)
            try socket.send(from: sources[Int(turn % UInt64(sources.count))])
        }
        if transport == .tcp {
            try socket.closeByReset()
            try socket.dontDelay()
        }
        try socket.connect(to: target)
        return socket
    }
}
