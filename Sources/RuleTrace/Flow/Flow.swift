package import Addressing

/// The path of a packet from its sender to its final receiver, and that of the reply.
package struct Flow: Hashable, Sendable {
    /// The proxy's listener on the port that a packet is redirected to.
    package enum Listener: Hashable, Sendable {
        case outbound
        case inbound
        case dns
        /// Not a port of the proxy.
        case unknown
    }

    /// The reason for which a packet is sent.
    package enum Purpose: Hashable, Sendable {
        /// The packet given by the caller.
        case asked
        /// The proxy connects to the original destination.
        case toDestination
        /// The proxy forwards an incoming connection to the application.
        case toApplication
        /// The proxy queries a resolver.
        case toResolver
    }

    /// The new destination of a redirected packet.
    ///
    /// The address is nil if it is one of the interface's own and unknown.
    package struct Target: Hashable, Sendable {
        package var address: IPAddress?
        package var interface: InterfaceName
        package var port: Port
        package var listener: Listener
    }

    /// One packet of the flow, with its explanation.
    package struct Leg: Hashable, Sendable {
        package var purpose: Purpose
        package var explanation: Explanation
        /// The new destination; nil if the packet keeps its own.
        package var target: Target?
    }

    /// The reply to one leg.
    package struct Reply: Hashable, Sendable {
        /// The index of the leg that it answers.
        package var leg: Int
        package var explanation: Explanation
        /// Whether conntrack finds the connection in the zone of its entry.
        package var isFound: Bool
        /// The source that conntrack restores in place of the proxy's address and port.
        package var restored: Restored?
    }

    /// The source of a reply as its receiver sees it.
    package struct Restored: Hashable, Sendable {
        package var address: IPAddress
        package var port: Port
    }

    package enum End: Hashable, Sendable {
        /// The last leg reaches its destination.
        case arrives
        case dropped
        /// The next leg would equal the one with this index: an infinite loop.
        case loops(to: Int)
        /// The packet is sent to a port that isn't the proxy's; the rest of the path is unknown.
        case leaves
    }

    package var legs: [Leg]
    package var end: End
    /// The replies, from that to the last leg to that to the first; empty unless the flow arrives.
    package var replies: [Reply]
}

/// The properties of the proxy and the host on which a flow depends.
package struct ProxySetting: Hashable, Sendable {
    package var user: UserID
    package var outboundPort: Port
    package var inboundPort: Port
    package var dnsPort: Port
    package var resolvers: [IPAddress]
    package var addresses: LocalAddresses

    package init(
        user: UserID, outboundPort: Port, inboundPort: Port, dnsPort: Port,
        resolvers: [IPAddress], addresses: LocalAddresses
    ) {
        self.user = user
        self.outboundPort = outboundPort
        self.inboundPort = inboundPort
        self.dnsPort = dnsPort
        self.resolvers = resolvers
        self.addresses = addresses
    }

    func listener(on port: Port, _ transport: TransportProtocol) -> Flow.Listener {
        switch (transport, port) {
        case (.udp, dnsPort): .dns
        case (.tcp, outboundPort): .outbound
        case (.tcp, inboundPort): .inbound
        case (.tcp, _), (.udp, _): .unknown
        }
    }
}
