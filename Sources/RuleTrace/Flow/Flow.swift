package import Addressing

/// What becomes of a packet from its sender to its last receiver, and of the answer.
package struct Flow: Hashable, Sendable {
    /// Who listens where a packet was redirected to.
    package enum Listener: Hashable, Sendable {
        case outbound
        case inbound
        case dns
        /// None of the proxy's ports.
        case unknown
    }

    /// Why a packet is sent.
    package enum Purpose: Hashable, Sendable {
        /// It is the one that was asked about.
        case asked
        /// The proxy connects to where the packet was going.
        case toDestination
        /// The proxy hands what came in to the application.
        case toApplication
        /// The proxy asks a resolver.
        case toResolver
    }

    /// Where a redirect sends a packet; the address is nil when it is one of the interface's own
    /// that nobody knows.
    package struct Target: Hashable, Sendable {
        package var address: IPAddress?
        package var interface: InterfaceName
        package var port: Port
        package var listener: Listener
    }

    /// One packet of the flow and what the rules do with it.
    package struct Leg: Hashable, Sendable {
        package var purpose: Purpose
        package var explanation: Explanation
        /// Nil when it goes where it was going.
        package var target: Target?
    }

    /// The answer to one leg.
    package struct Reply: Hashable, Sendable {
        /// Index of the leg that it answers.
        package var leg: Int
        package var explanation: Explanation
        /// Whether conntrack looks for the connection in the zone where it is.
        package var isFound: Bool
        /// Whose address and port conntrack gives it in place of the proxy's.
        package var restored: Restored?
    }

    /// Where an answer seems to come from.
    package struct Restored: Hashable, Sendable {
        package var address: IPAddress
        package var port: Port
    }

    package enum End: Hashable, Sendable {
        /// The last leg gets where it was going.
        case arrives
        case dropped
        /// The last leg would be the one of this index again, for ever.
        case loops(to: Int)
        /// It is sent to a port that isn't the proxy's, so that nobody knows how it goes on.
        case leaves
    }

    package var legs: [Leg]
    package var end: End
    /// From the last leg's answer to that of the first; empty unless the flow arrives.
    package var replies: [Reply]
}

/// What a flow depends on beside the rules.
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
