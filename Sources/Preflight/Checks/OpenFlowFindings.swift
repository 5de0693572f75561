import Addressing
import RuleIR
import RuleTrace

// What was there before the rules: the kernel decides on the first packet of a flow, and remembers.
extension Preflight {
    /// Connections that stay as they are: conntrack knows them, or will be told of them.
    var openConnections: [Finding] {
        guard !isCapturing else { return [] }
        let open = survey.connections.filter { !isBroken($0) && isCaptured($0) }
        guard !open.isEmpty else { return [] }
        let sessions = open.count { sshPorts.contains($0.localPort) }
        return [.openConnections(open.count, sessions: sessions)]
    }

    /// Connections whose next packet will look like a first one, in either direction.
    var breakingConnections: [Finding] {
        guard !isCapturing else { return [] }
        let broken = survey.connections.filter(isBroken)
        let byPort = Dictionary(
            grouping: broken.filter { sshPorts.contains($0.localPort) }, by: \.localPort)
        let others = broken.count - byPort.values.reduce(0) { $0 + $1.count }
        return byPort.sorted { $0.key < $1.key }.map { .sessionsBreak($0.key, $0.value.count) }
            + (others > 0 ? [.connectionsBreak(others)] : [])
    }

    /// Connections of containers to other hosts: what would keep them is known to their sockets alone.
    var forwardedConnections: [Finding] {
        guard !isCapturing, !survey.isTracking else { return [] }
        var found: [Finding] = []
        for address in survey.addresses {
            guard case .redirected = outcomeOfForwarded(address) else { continue }
            let finding = Finding.forwardedConnections(address.interface)
            if !found.contains(finding) { found.append(finding) }
        }
        return found
    }

    /// Whether the rules would be the first to have the connection tracked, and take it for a new one.
    private func isBroken(_ connection: PreflightSurvey.Connection) -> Bool {
        guard connection.isTracked != true else { return false }
        let isKept =
            switch plan.openConnections {
            case .keep: survey.takesEntries != false
            }
        guard !isKept else { return false }
        // The next packet may be of either end.
        return isRedirected(outgoing(connection))
            || !isLocal(connection) && isRedirected(incoming(connection))
    }

    /// Whether it would be captured if it began now.
    private func isCaptured(_ connection: PreflightSurvey.Connection) -> Bool {
        let listening = survey.listeners.contains {
            $0.transport == .tcp && $0.port == connection.localPort
        }
        guard listening else { return isRedirected(outgoing(connection)) }
        // Where both ends are here, it is seen from the other one, too.
        return !isLocal(connection) && isRedirected(incoming(connection))
    }

    private func isLocal(_ connection: PreflightSurvey.Connection) -> Bool {
        connection.remote.isLoopback
            || survey.addresses.contains { $0.address == connection.remote }
    }

    private func outgoing(_ connection: PreflightSurvey.Connection) -> Packet {
        Packet(
            direction: .outgoing, transport: .tcp, owner: connection.owner,
            source: connection.local, destination: connection.remote,
            destinationPort: connection.remotePort,
            interface: isLocal(connection) ? .loopback : .ethernet)
    }

    private func incoming(_ connection: PreflightSurvey.Connection) -> Packet {
        Packet(
            direction: .incoming, transport: .tcp, owner: nil, source: connection.remote,
            destination: connection.local, destinationPort: connection.localPort,
            interface: .ethernet)
    }

    private func isRedirected(_ packet: Packet) -> Bool {
        if case .redirected = trace.explain(packet).outcome { return true }
        return false
    }

    /// Queries from ports that were used before go where they went then.
    var openDNSFlows: [Finding] {
        guard let dnsPort = plan.dnsPort, !isCapturing else { return [] }
        let count = survey.dnsFlows.count { flow in
            let query = Packet(
                direction: .outgoing, transport: .udp, owner: nil, source: flow.source,
                destination: flow.server, destinationPort: .dns,
                interface: flow.server.isLoopback ? .loopback : .ethernet)
            return trace.explain(query).outcome == .redirected(to: dnsPort)
        }
        return count > 0 ? [.openDNSFlows(count)] : []
    }

    /// Whether rules are loaded already, so that what is open may be what they captured.
    private var isCapturing: Bool {
        survey.tenants.contains { $0.tenant == .tproxy || $0.tenant == .kumactl }
    }
}
