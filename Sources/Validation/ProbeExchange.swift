import Addressing
import Glibc
import Netlink
import RuleTrace
import Sockets

/// Sends all probes together, and answers those that arrive at the listeners.
struct ProbeExchange {
    private typealias Place = ValidationListeners.Place

    private let attempts: [Attempt]
    private let listeners: ValidationListeners
    /// Whether the listeners are the proxy's user's, so that answers to DNS queries return.
    private let listensAsProxy: Bool
    private let timeout: Duration
    private let quiet: Duration
    private let token = ValidationToken()

    init(
        _ probes: [Probe], _ listeners: ValidationListeners, listensAsProxy: Bool,
        timeout: Duration, quiet: Duration
    ) {
        attempts = probes.map { Attempt($0) }
        self.listeners = listeners
        self.listensAsProxy = listensAsProxy
        self.timeout = timeout
        self.quiet = quiet
    }

    /// Runs until each connection that has to arrive has, and the others had time to.
    ///
    /// Returns the results in the order of the probes.
    func run(own: UserID, _ proxyPorts: [Port]) -> [PathResult] {
        for attempt in attempts { attempt.begin(token, own: own) }
        var arrivals = Arrivals()
        let ports = Set(listeners.sockets.keys.map(\.port)).sorted()
        let clock = ContinuousClock()
        let start = clock.now
        while true {
            let now = clock.now
            let end = start.advanced(by: isWaiting(arrivals) ? timeout : min(quiet, timeout))
            poll(&arrivals, ports, for: now < end ? 20 : 0)
            if !listeners.taken.isEmpty { lookUp(&arrivals) }
            let isComplete =
                !isWaiting(arrivals) && attempts.allSatisfy { isSettled($0, arrivals) }
            if isComplete || now >= end { break }
        }
        return attempts.map { $0.probe.result(verdict($0, arrivals, proxyPorts)) }
    }

    /// What the listeners know, by the address of the sender.
    private struct Arrivals {
        /// Connections that the kernel lists at a port which another program has.
        var listed: [SocketAddress: Port] = [:]
        /// Our queries that a listener of ours received.
        var queries: [SocketAddress: Port] = [:]
        /// Open until the end, so that no answer is lost.
        var connections: [Socket] = []
    }

    /// Whether a connection that has to arrive may still do so.
    private func isWaiting(_ arrivals: Arrivals) -> Bool {
        attempts.contains {
            $0.probe.expectation != .notRedirected && !isSettled($0, arrivals)
        }
    }

    private func isSettled(_ attempt: Attempt, _ arrivals: Arrivals) -> Bool {
        guard attempt.event == nil, let sender = attempt.sender else { return true }
        return arrivals.listed[sender] != nil
            || !listensAsProxy && arrivals.queries[sender] != nil
    }

    // MARK: Sockets

    private func poll(_ arrivals: inout Arrivals, _ ports: [Port], for milliseconds: Int32) {
        let places = Array(listeners.sockets)
        let open = attempts.filter { $0.socket != nil && $0.event == nil }
        var entries =
            places.map { pollfd(fd: $0.value.descriptor, events: Int16(POLLIN), revents: 0) }
            + open.compactMap { attempt in
                attempt.socket.map {
                    pollfd(fd: $0.descriptor, events: attempt.awaited, revents: 0)
                }
            }
        guard unsafe Glibc.poll(&entries, nfds_t(entries.count), milliseconds) > 0 else { return }
        for ((place, socket), entry) in zip(places, entries) where entry.revents != 0 {
            answer(place, socket, &arrivals)
        }
        for (attempt, entry) in zip(open, entries.dropFirst(places.count))
        where entry.revents != 0 {
            attempt.read(token, ports: ports, entry.revents)
        }
    }

    /// Answers our own connections; closes others, which the proxy will have once it listens.
    private func answer(_ place: Place, _ socket: Socket, _ arrivals: inout Arrivals) {
        switch place.transport {
        case .tcp:
            while let connection = try? socket.accept() {
                guard let peer = connection.peer, attempts.contains(where: { $0.sender == peer })
                else { continue }
                try? connection.send(token.greeting(place.port))
                arrivals.connections.append(connection)
            }
        case .udp:
            var buffer = [UInt8](repeating: 0, count: 2048)
            var isOurs = false
            while let sender = socket.answerDatagram(
                &buffer,
                {
                    isOurs = token.isQuery($0)
                    return token.answer(to: $0, place.port)
                })
            {
                if isOurs { arrivals.queries[sender] = place.port }
            }
        }
    }

    /// Finds the connections that the proxy's own listeners have accepted.
    private func lookUp(_ arrivals: inout Arrivals) {
        let kinds = Set(listeners.taken.filter { $0.transport == .tcp }.map(\.family)).map {
            InetSocket.Kind(transport: .tcp, family: $0)
        }
        let ports = Set(listeners.taken.map(\.port))
        // A listener of both families has IPv4 connections among the sockets of IPv6.
        let both = kinds.contains { $0.family == .ipv4 } ? InetSocket.Kind.all : kinds
        guard !kinds.isEmpty, let sockets = try? InetSocket.allTCP(both) else { return }
        for one in sockets {
            guard let port = one.remotePort, ports.contains(one.localPort) else { continue }
            let sender = SocketAddress(one.remote, port.number)
            if attempts.contains(where: { $0.sender == sender }) {
                arrivals.listed[sender] = one.localPort
            }
        }
    }

    // MARK: Verdicts

    private func verdict(
        _ attempt: Attempt, _ arrivals: Arrivals, _ proxyPorts: [Port]
    ) -> PathResult.Verdict {
        let packet = attempt.probe.packet
        let arrival = attempt.sender.flatMap { arrivals.listed[$0] }
        let query = attempt.sender.flatMap { arrivals.queries[$0] }
        switch attempt.probe.expectation {
        case .notRedirected:
            if case .answered(let port) = attempt.event { return .broken(Self.loop(port)) }
            if let arrival = arrival ?? query { return .broken(Self.loop(arrival)) }
            if case .answeredByAnother = attempt.event, packet.transport == .udp,
                isTaken(packet.transport, packet.family, proxyPorts)
            {
                return .unproved("the DNS server's answer may be the proxy's")
            }
            return .proved
        case .received:
            if attempt.event == .answered(by: packet.destinationPort) { return .proved }
            if case .answered(let port) = attempt.event { return .broken(Self.loop(port)) }
            if let arrival { return .broken(Self.loop(arrival)) }
            return .broken(Self.reason(attempt))
        case .redirected(let port):
            let place = Place(transport: packet.transport, family: packet.family, port: port)
            if let arrival {
                return arrival == port ? .proved : .broken("it arrives at port \(arrival)")
            }
            if let reason = listeners.absent[place] { return .unproved(reason) }
            if case .answered(let other) = attempt.event {
                return other == port ? .proved : .broken("it arrives at port \(other)")
            }
            if let query {
                guard query == port else { return .broken("it arrives at port \(query)") }
                return listensAsProxy
                    ? .broken("it arrives at port \(port), and the answer doesn't return")
                    : .proved
            }
            guard listeners.taken.contains(place) else { return .broken(Self.reason(attempt)) }
            return withoutListener(attempt, port)
        }
    }

    /// Returns the verdict on a connection to a port that another program has.
    private func withoutListener(_ attempt: Attempt, _ port: Port) -> PathResult.Verdict {
        let packet = attempt.probe.packet
        switch packet.transport {
        case .udp:
            // No other host can answer for an address that no host has.
            if packet.destination.isDocumentation, token.isAnyAnswer(attempt.answer) {
                return .proved
            }
            return .unproved(
                "a program has UDP port \(port), and only a listener of ours proves who answers")
        case .tcp:
            guard attempt.isConnected || attempt.event == .answeredByAnother else {
                return .broken(Self.reason(attempt))
            }
            return .unproved(
                "the connection was accepted, and closed before it was seen at port \(port)")
        }
    }

    private func isTaken(
        _ transport: TransportProtocol, _ family: AddressFamily, _ ports: [Port]
    ) -> Bool {
        ports.contains {
            listeners.taken.contains(Place(transport: transport, family: family, port: $0))
        }
    }

    private static func loop(_ port: Port) -> String {
        "it is redirected to the proxy's own port \(port), a loop"
    }

    private static func reason(_ attempt: Attempt) -> String {
        switch attempt.event {
        case nil: "it doesn't arrive"
        case .failed(let reason): "it doesn't arrive: \(reason)"
        case .answeredByAnother: "another program answers"
        case .answered(let port): "it arrives at port \(port)"
        }
    }
}

extension IPAddress {
    /// Whether the address is one for documentation, which no host has: RFC 5737, RFC 3849.
    fileprivate var isDocumentation: Bool {
        switch family {
        case .ipv4: [0xC0_0002, 0xC6_3364, 0xCB_0071].contains(bits >> 8)
        case .ipv6: bits >> 96 == 0x2001_0DB8
        }
    }
}
