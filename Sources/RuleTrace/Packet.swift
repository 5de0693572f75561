package import Addressing
package import RuleIR

/// One packet, as far as the rules can tell packets apart.
package struct Packet: Hashable, Sendable {
    package enum Direction: String, Hashable, Sendable, CaseIterable {
        /// It arrives on an interface (hook prerouting).
        case incoming
        /// A process of this host sends it (hook output).
        case outgoing
    }

    package var direction: Direction
    package var transport: TransportProtocol
    /// Who owns the sending socket; nil when there is none, as for every incoming packet.
    package var owner: UserID?
    package var source: IPAddress
    package var sourcePort: Port?
    package var destination: IPAddress
    package var destinationPort: Port
    /// Where an incoming packet came in, or where an outgoing one is routed to.
    ///
    /// A packet to one of the host's own addresses is routed to the loopback interface.
    package var interface: InterfaceName
    /// `new` for the first packet of a connection, the only one that NAT rules see.
    package var connectionState: ConnectionState

    package init(
        direction: Direction, transport: TransportProtocol, owner: UserID?, source: IPAddress,
        sourcePort: Port? = nil, destination: IPAddress, destinationPort: Port,
        interface: InterfaceName, connectionState: ConnectionState = .new
    ) {
        self.direction = direction
        self.transport = transport
        self.owner = owner
        self.source = source
        self.sourcePort = sourcePort
        self.destination = destination
        self.destinationPort = destinationPort
        self.interface = interface
        self.connectionState = connectionState
    }

    package var family: AddressFamily { destination.family }

    /// The hook where the rules first see the packet.
    package var hook: Hook {
        switch direction {
        case .incoming: .prerouting
        case .outgoing: .output
        }
    }
}
