import Addressing

/// Connections and queries of an application to a proxy, in the namespace of the thread.
///
/// One thread is both ends. On the loopback interface the kernel delivers a packet within the call
/// that sends it: a connection is established when connect(2) returns, and no other thread has to
/// wake up. So the path through the kernel is measured, and not its scheduler.
struct Traffic: ~Copyable {
    private let tcp: LoopbackSocket
    private let udp: LoopbackSocket
    /// The destinations of the application, in turn.
    private let services: [Destination]
    /// None if queries don't reach the proxy.
    private let resolvers: [Destination]
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
            ? ExclusionList.gaps.map { Destination($0, port: 443) }
            : [Destination(Proxy.address, port: Proxy.outbound)]
        let resolvers =
            isRedirected
            ? ExclusionList.gaps.map { Destination($0, port: 53) }
            : [Destination(Proxy.address, port: Proxy.dns)]
        self.resolvers = rules.hasDNS ? resolvers : []
        let tcp = try LoopbackSocket(.tcp, owner: Proxy.user)
        let udp = try LoopbackSocket(.udp, owner: Proxy.user)
        try tcp.listen(on: Destination(0, port: Proxy.outbound))
        try udp.bind(to: Destination(Proxy.address, port: Proxy.dns))
        self.tcp = tcp
        self.udp = udp
    }

    func sample() throws(BenchError) -> Sample {
        var openings: [Double] = []
        var turn = 0
        let connection = try median { () throws(BenchError) in
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

    private func query() throws(BenchError) -> Double {
        var turn = 0
        var message = Message()
        return try median { () throws(BenchError) in
            turn += 1
            try query(turn, &message)
        }
    }

    /// The median of the seconds that something takes.
    private func median(_ body: () throws(BenchError) -> Void) throws(BenchError) -> Double {
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

    /// Opens and ends a connection; returns the seconds that opening it took.
    private func connect(_ turn: Int) throws(BenchError) -> Double {
        let client = try LoopbackSocket(.tcp)
        let service = services[turn % services.count]
        let start = Clock.seconds
        try client.connect(to: service)
        let seconds = Clock.seconds - start
        let server = try LoopbackSocket(acceptedFrom: tcp)
        client.endSuddenly()
        server.endSuddenly()
        return seconds
    }

    /// A query of a new socket, and so of a new flow.
    private func query(_ turn: Int, _ message: inout Message) throws(BenchError) {
        let client = try LoopbackSocket(.udp)
        try client.connect(to: resolvers[turn % resolvers.count])
        try client.send(message)
        try udp.answer(&message)
        try client.receive(&message)
    }

    private func exchange() throws(BenchError) -> Double {
        var time = 0.0
        try withConnection { exchange throws(BenchError) in time = try median(exchange) }
        return time
    }

    /// Makes a number of exchanges on one connection.
    func exchange(times count: Int) throws(BenchError) {
        try withConnection { exchange throws(BenchError) in
            for _ in 0..<count { try exchange() }
        }
    }

    /// Opens a connection; the argument of `body` sends one message and receives its answer.
    private func withConnection(
        _ body: (() throws(BenchError) -> Void) throws(BenchError) -> Void
    ) throws(BenchError) {
        let client = try LoopbackSocket(.tcp)
        try client.connect(to: services[0])
        let server = try LoopbackSocket(acceptedFrom: tcp)
        client.sendAtOnce()
        server.sendAtOnce()
        var message = Message()
        try body { () throws(BenchError) in
            try client.send(message)
            try server.receive(&message)
            try server.send(message)
            try client.receive(&message)
        }
        client.endSuddenly()
        server.endSuddenly()
    }
}
