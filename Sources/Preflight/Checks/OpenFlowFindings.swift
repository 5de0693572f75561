import Addressing
import RuleIR
import RuleTrace

// Flows older than the rules: the kernel decides on the first packet of a flow and keeps the
// decision.
extension Preflight {
    /// Findings about connections that stay unredirected: conntrack has an entry or will get one.
    var openConnections: [Finding] {
        guard !hasLoadedRules else { return [] }
        let open = survey.connections.filter { !isBroken($0) && wouldBeRedirected($0) }
        guard !open.isEmpty else { return [] }
        let sessions = open.count { sshPorts.contains($0.localPort) }
        return [.openConnections(open.count, sessions: sessions)]
    }

    /// Findings about connections whose next packet, in either direction, would be taken for a
    /// first one.
    var breakingConnections: [Finding] {
        guard !hasLoadedRules else { return [] }
        let broken = survey.connections.filter(isBroken)
        let byPort = Dictionary(
            grouping: broken.filter { sshPorts.contains($0.localPort) }, by: \.localPort)
        let others = broken.count - byPort.values.reduce(0) { $0 + $1.count }
        return byPort.sorted { $0.key < $1.key }.map { .sessionsBreak($0.key, $0.value.count) }
            + (others > 0 ? [.connectionsBreak(others)] : [])
    }

    /// Findings about connections from containers to other hosts.
    ///
    /// Only sockets in the containers show what conntrack would need to keep them.
    var forwardedConnections: [Finding] {
        guard !hasLoadedRules, !survey.isTracking else { return [] }
        var found: [Finding] = []
        for address in survey.addresses {
            guard case .redirected = outcomeOfForwarded(address) else { continue }
            let finding = Finding.forwardedConnections(address.interface)
            if !found.contains(finding) { found.append(finding) }
        }
        return found
    }

    /// Whether the rules would start tracking the connection and take it for a new one.
    private func isBroken(_ connection: PreflightSurvey.Connection) -> Bool {
        guard connection.isTracked != true else { return false }
        let isKept =
            switch plan.openConnections {
            case .keep: survey.takesEntries != false
            }
        guard !isKept else { return false }
        // The next packet may be sent by either end.
        return isRedirected(outgoing(connection))
            || !isLocal(connection) && isRedirected(incoming(connection))
    }

    /// Whether a new connection with these ends would be redirected.
    private func wouldBeRedirected(_ connection: PreflightSurvey.Connection) -> Bool {
        let listening = survey.listeners.contains {
            $0.transport == .tcp && $0.port == connection.localPort
        }
        guard listening else { return isRedirected(outgoing(connection)) }
        // A connection between two sockets of this host is checked from the other end.
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

    /// Findings about DNS flows that stay unredirected, because queries reuse their ports.
    var openDNSFlows: [Finding] {
        guard let dnsPort = plan.dnsPort, !hasLoadedRules else { return [] }
        let count = survey.dnsFlows.count { flow in
            let query = Packet(
                direction: .outgoing, transport: .udp, owner: nil, source: flow.source,
                destination: flow.server, destinationPort: .dns,
                interface: flow.server.isLoopback ? .loopback : .ethernet)
            return trace.explain(query).outcome == .redirected(to: dnsPort)
        }
        return count > 0 ? [.openDNSFlows(count)] : []
    }

    /// Whether rules are already loaded, which may have redirected the open connections.
    private var hasLoadedRules: Bool {
        survey.knownPrograms.contains { $0.program == .tproxy || $0.program == .kumactl }
    }
}
