package import Addressing
package import RuleIR

/// A packet, reduced to what rules can match.
package struct Packet: Hashable, Sendable {
    package enum Direction: String, Hashable, Sendable, CaseIterable {
        /// The packet arrives on an interface (hook prerouting).
        case incoming
        /// A process of this host sends the packet (hook output).
        case outgoing
    }

    package var direction: Direction
    package var transport: TransportProtocol
    /// The owner of the sending socket; nil if there is none, as for every incoming packet.
    package var owner: UserID?
    package var source: IPAddress
    package var sourcePort: Port?
    package var destination: IPAddress
    package var destinationPort: Port
    /// The interface on which an incoming packet arrives, or to which an outgoing one is routed.
    ///
    /// A packet to an address of the host is routed to the loopback interface.
    package var interface: InterfaceName
    /// The conntrack state; `new` for the first packet of a connection, the only one that nat
    /// chains see.
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

    /// The first hook that the packet reaches.
    package var hook: Hook {
        switch direction {
        case .incoming: .prerouting
        case .outgoing: .output
        }
    }
}
