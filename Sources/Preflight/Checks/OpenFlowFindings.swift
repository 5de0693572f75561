import Addressing
import RuleIR
import RuleTrace

// What was there before the rules: the kernel decides on the first packet of a flow, and remembers.
extension Preflight {
    /// Connections that stay as they are; the kernel decides on the first packet.
    var openConnections: [Finding] {
        guard !isCapturing else { return [] }
        let listening = Set(survey.listeners.filter { $0.transport == .tcp }.map(\.port))
        let local = Set(survey.addresses.map(\.address))
        let count = survey.connections.count { connection in
            // Seen from the other end, too, where both are here.
            let isIncoming = listening.contains(connection.localPort)
            let isLocal = connection.remote.isLoopback || local.contains(connection.remote)
            if isIncoming, isLocal { return false }
            let packet = Packet(
                direction: isIncoming ? .incoming : .outgoing, transport: .tcp,
                owner: isIncoming ? nil : connection.owner,
                source: isIncoming ? connection.remote : connection.local,
                destination: isIncoming ? connection.local : connection.remote,
                destinationPort: isIncoming ? connection.localPort : connection.remotePort,
                interface: isLocal ? .loopback : .ethernet)
            if case .redirected = trace.explain(packet).outcome { return true }
            return false
        }
        return count > 0 ? [.openConnections(count)] : []
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
