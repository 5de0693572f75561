import Addressing
import Glibc
import Sockets

/// Connections and queries of an application to a proxy, in the namespace of the thread.
///
/// One thread is both ends. On the loopback interface the kernel delivers a packet within the call
/// that sends it: a connection is established when connect(2) returns, and no other thread has to
/// wake up. So the path through the kernel is measured, and not its scheduler.
struct Traffic: ~Copyable {
    private let tcp: Socket
    private let udp: Socket
    /// Where the application sends to, in turn.
    private let services: [SocketAddress]
    /// None where queries don't come to the proxy.
    private let resolvers: [SocketAddress]
    private let effort: Effort

    /// The amount of traffic in one sample.
    struct Effort: Hashable {
        /// Seconds after which a kind of traffic ends.
        var seconds: Double
        /// Connections or queries after which it ends.
        var most: Int
        /// Uncounted ones first.
        var warmUp: Int
    }

    /// The results of one sample, in seconds; medians, because another process that gets the
    /// processor for a while affects few of many.
    struct Sample: Hashable {
        /// The time of connect(2): the median, and the 99th percentile.
        var connectMedian: Double
        var connectHigh: Double
        /// A connection opened, accepted and ended.
        var connection: Double
        /// A query and its answer, on a new socket; nil if queries don't reach the proxy.
        var query: Double?
        /// One message and its answer, on an established connection.
        var exchange: Double
    }

    /// The proxy's listeners, in the namespace of the thread, and the traffic for them under
    /// `rules`.
    init(_ rules: TestRules.Kind, _ effort: Effort) throws(BenchError) {
        self.effort = effort
        let isRedirected = rules != .none
        services =
            isRedirected
            ? ExclusionList.gaps.map { Self.address($0, 443) }
            : [Self.address(Proxy.address, Proxy.outbound)]
        let resolvers =
            isRedirected
            ? ExclusionList.gaps.map { Self.address($0, 53) }
            : [Self.address(Proxy.address, Proxy.dns)]
        self.resolvers = rules.hasDNS ? resolvers : []
        let tcp = try Self.listener(.tcp, Self.address(0, Proxy.outbound))
        let udp = try Self.listener(.udp, Self.address(Proxy.address, Proxy.dns))
        self.tcp = tcp
        self.udp = udp
    }

    private static func listener(
        _ transport: TransportProtocol, _ address: SocketAddress
    ) throws(BenchError) -> Socket {
        do throws(SocketError) {
            let socket = try Self.socket(transport, owner: Proxy.user)
            try socket.listen(on: address)
            return socket
        } catch {
            throw BenchError(error)
        }
    }

    /// `bits` are the address as a number: 127.0.0.1 is 0x7F000001.
    private static func address(_ bits: UInt32, _ port: UInt16) -> SocketAddress {
        SocketAddress(IPAddress(family: .ipv4, bits: UInt128(bits)), port)
    }

    /// A socket that waits for what comes, but not for what never comes.
    private static func socket(
        _ transport: TransportProtocol, owner: UserID? = nil
    ) throws(SocketError) -> Socket {
        let socket = try Socket(transport, .ipv4, owner: owner, waits: true)
        try socket.limitWaiting(seconds: 1)
        return socket
    }

    func sample() throws(BenchError) -> Sample {
        do throws(SocketError) {
            return try measure()
        } catch {
            throw BenchError(error)
        }
    }

    private func measure() throws(SocketError) -> Sample {
        var openings: [Double] = []
        var turn = 0
        let connection = try median { () throws(SocketError) in
            turn += 1
            openings.append(try connect(turn))
        }
        openings.removeFirst(min(effort.warmUp, openings.count - 1))
        openings.sort()
        return Sample(
            connectMedian: openings[openings.count / 2],
            connectHigh: openings[openings.count * 99 / 100], connection: connection,
            query: resolvers.isEmpty ? nil : try query(), exchange: try exchange())
    }

    private func query() throws(SocketError) -> Double {
        var turn = 0
        var message = Self.message
        return try median { () throws(SocketError) in
            turn += 1
            try query(turn, &message)
        }
    }

    /// The seconds that something takes, the median of many.
    private func median(_ body: () throws(SocketError) -> Void) throws(SocketError) -> Double {
        for _ in 0..<effort.warmUp { try body() }
        var times: [Double] = []
        let end = Clock.seconds + effort.seconds
        var start = Clock.seconds
        while times.count < effort.most, start < end {
            try body()
            let now = Clock.seconds
            times.append(now - start)
            start = now
        }
        return Spread(times)?.median ?? 0
    }

    /// Opens and ends a connection; the seconds that opening it took.
    private func connect(_ turn: Int) throws(SocketError) -> Double {
        let client = try Self.socket(.tcp)
        let service = services[turn % services.count]
        let start = Clock.seconds
        try client.connect(to: service)
        let seconds = Clock.seconds - start
        let server = try accepted()
        try client.closeByReset()
        try server.closeByReset()
        return seconds
    }

    /// The next connection.
    private func accepted() throws(SocketError) -> Socket {
        guard let connection = try tcp.accept() else {
            throw SocketError("accepting a connection", code: EAGAIN)
        }
        return connection
    }

    /// As much as a DNS query has.
    private static let message = [UInt8](repeating: 7, count: 40)

    private static func receive(
        _ message: inout [UInt8], _ socket: Socket
    ) throws(SocketError) {
        guard let count = try socket.receive(into: &message), count > 0 else {
            throw SocketError("receiving", code: EAGAIN)
        }
    }

    /// A query of a new socket, so of a new flow.
    private func query(_ turn: Int, _ message: inout [UInt8]) throws(SocketError) {
        let client = try Self.socket(.udp)
        try client.connect(to: resolvers[turn % resolvers.count])
        try client.send(message)
        guard udp.answerDatagram(&message, Array.init) != nil else {
            throw .last("answering a datagram")
        }
        try Self.receive(&message, client)
    }

    private func exchange() throws(SocketError) -> Double {
        var time = 0.0
        try withExchange { exchange throws(SocketError) in time = try median(exchange) }
        return time
    }

    /// The bytes that are sent at once, before they are received.
    static let chunk = 1 << 16

    /// The seconds that a byte takes on an established connection.
    func bulk() throws(BenchError) -> Double {
        var time = 0.0
        do throws(SocketError) {
            try withConnection { client, server throws(SocketError) in
                try server.enlargeReceiveBuffer(to: Int32(8 * Self.chunk))
                let message = [UInt8](repeating: 7, count: Self.chunk)
                var buffer = message
                time = try median { () throws(SocketError) in
                    try client.send(message)
                    var rest = Self.chunk
                    while rest > 0 {
                        guard let count = try server.receive(into: &buffer), count > 0 else {
                            throw SocketError("receiving", code: EAGAIN)
                        }
                        rest -= count
                    }
                }
            }
        } catch {
            throw BenchError(error)
        }
        return time / Double(Self.chunk)
    }

    /// Makes a number of exchanges on one connection.
    func exchange(times count: Int) throws(BenchError) {
        do throws(SocketError) {
            try withExchange { exchange throws(SocketError) in
                for _ in 0..<count { try exchange() }
            }
        } catch {
            throw BenchError(error)
        }
    }

    /// Opens a connection; the argument of `body` sends one message and receives its answer.
    private func withExchange(
        _ body: (() throws(SocketError) -> Void) throws(SocketError) -> Void
    ) throws(SocketError) {
        try withConnection { client, server throws(SocketError) in
            try client.dontDelay()
            try server.dontDelay()
            var message = Self.message
            try body { () throws(SocketError) in
                try client.send(message)
                try Self.receive(&message, server)
                try server.send(message)
                try Self.receive(&message, client)
            }
        }
    }

    /// Opens a connection; the arguments of `body` are its ends.
    private func withConnection(
        _ body: (Socket, Socket) throws(SocketError) -> Void
    ) throws(SocketError) {
        let client = try Self.socket(.tcp)
        try client.connect(to: services[0])
        let server = try accepted()
        try body(client, server)
        try client.closeByReset()
        try server.closeByReset()
    }
}
