import Addressing
import RuleIR

/// Follows a packet, the packets that the proxy sends for it, and the replies.
package struct FlowTrace: Sendable {
    /// The maximum number of legs.
    ///
    /// A real flow has at most three: the packet, one to the proxy's other listener, and one from
    /// there.
    private static let maximumLegs = 8

    private let trace: RuleTrace
    private let proxy: ProxySetting

    package init(_ trace: RuleTrace, proxy: ProxySetting) {
        self.trace = trace
        self.proxy = proxy
    }

    package func follow(_ packet: Packet) -> Flow {
        var legs: [Flow.Leg] = []
        var next: (purpose: Flow.Purpose, packet: Packet)? = (.asked, packet)
        var end = Flow.End.arrives
        while let (purpose, packet) = next {
            let explanation = trace.explain(packet)
            let target = target(of: explanation)
            legs.append(Flow.Leg(purpose: purpose, explanation: explanation, target: target))
            next = nil
            switch explanation.outcome {
            case .bypassed, .untouched: end = .arrives
            case .dropped: end = .dropped
            case .translated: end = .leaves
            case .redirected:
                guard let listener = target?.listener, listener != .unknown,
                    legs.count < Self.maximumLegs
                else {
                    end = .leaves
                    continue
                }
                let onward = onward(packet, from: listener)
                if let again = legs.firstIndex(where: { $0.explanation.packet == onward.packet }) {
                    end = .loops(to: again)
                } else {
                    next = onward
                }
            }
        }
        let replies = end == .arrives ? replies(to: legs) : []
        return Flow(legs: legs, end: end, replies: replies)
    }

    private func target(of explanation: Explanation) -> Flow.Target? {
        guard case .redirected(let port) = explanation.outcome else { return nil }
        let packet = explanation.packet
        let listener = proxy.listener(on: port, packet.transport)
        switch packet.direction {
        case .outgoing:
            return Flow.Target(
                address: .localhost(packet.family), interface: proxy.addresses.loopback,
                port: port, listener: listener)
        case .incoming:
            return Flow.Target(
                address: proxy.addresses.redirectTarget(
                    on: packet.interface, for: packet.destination),
                interface: packet.interface, port: port, listener: listener)
        }
    }

    /// Returns the packet that the proxy sends for a packet that it receives.
    private func onward(
        _ packet: Packet, from listener: Flow.Listener
    ) -> (purpose: Flow.Purpose, packet: Packet) {
        func sent(from source: IPAddress, to destination: IPAddress, _ interface: InterfaceName?)
            -> Packet
        {
            Packet(
                direction: .outgoing, transport: packet.transport, owner: proxy.user,
                source: source, destination: destination, destinationPort: packet.destinationPort,
                interface: interface ?? proxy.addresses.route(to: destination))
        }
        switch listener {
        case .outbound, .unknown:
            let stays = packet.direction == .outgoing && packet.destination.isLoopback
            let source: IPAddress =
                stays ? .localhost(packet.family) : .unspecified(packet.family)
            let interface = packet.direction == .outgoing ? packet.interface : nil
            return (.toDestination, sent(from: source, to: packet.destination, interface))
        case .inbound:
            return (
                .toApplication,
                sent(
                    from: .passthroughSource(packet.family), to: packet.destination,
                    proxy.addresses.loopback)
            )
        case .dns:
            let resolver =
                proxy.resolvers.first { $0.family == packet.family } ?? proxy.resolvers.first
                ?? packet.destination
            let source: IPAddress =
                resolver.isLoopback ? .localhost(resolver.family) : .unspecified(resolver.family)
            return (.toResolver, sent(from: source, to: resolver, nil))
        }
    }

    /// Returns the replies, from the last receiver back to the first sender.
    private func replies(to legs: [Flow.Leg]) -> [Flow.Reply] {
        legs.indices.reversed().map { index in
            let leg = legs[index]
            let explanation = trace.explain(reply(to: leg))
            let restored = leg.target.map { _ in
                Flow.Restored(
                    address: leg.explanation.packet.destination,
                    port: leg.explanation.packet.destinationPort)
            }
            return Flow.Reply(
                leg: index, explanation: explanation,
                isFound: explanation.conntrackZone == leg.explanation.conntrackZone
                    && explanation.outcome != .dropped, restored: restored)
        }
    }

    /// Returns the first reply packet, as the rules of its hook see it.
    private func reply(to leg: Flow.Leg) -> Packet {
        let packet = leg.explanation.packet
        let staysHere =
            leg.target != nil || packet.direction == .incoming
            || packet.interface == proxy.addresses.loopback
        let interface =
            leg.target != nil && packet.direction == .outgoing
            ? proxy.addresses.loopback : packet.interface
        return Packet(
            direction: staysHere ? .outgoing : .incoming, transport: packet.transport,
            owner: leg.target == nil ? nil : proxy.user,
            source: leg.target.flatMap(\.address) ?? packet.destination,
            sourcePort: leg.target?.port ?? packet.destinationPort, destination: packet.source,
            destinationPort: packet.sourcePort ?? .ephemeral, interface: interface,
            connectionState: .established)
    }
}
