package import Addressing

/// All first packets of connections with the given properties; a nil property may have any value.
///
/// First packets are the only ones that nat chains see.
package struct PacketPattern: Hashable, Sendable {
    package enum Owner: Hashable, Sendable {
        case user(UserID)
        /// No socket, as for every incoming packet.
        case nobody
    }

    package var direction: Packet.Direction?
    package var transport: TransportProtocol?
    package var owner: Owner?
    package var source: IPPrefix?
    package var sourcePort: Port?
    package var destination: IPPrefix?
    package var destinationPort: Port?
    package var interface: InterfaceName?

    package init(
        direction: Packet.Direction? = nil, transport: TransportProtocol? = nil,
        owner: Owner? = nil, source: IPPrefix? = nil, sourcePort: Port? = nil,
        destination: IPPrefix? = nil, destinationPort: Port? = nil, interface: InterfaceName? = nil
    ) {
        self.direction = direction
        self.transport = transport
        self.owner = owner
        self.source = source
        self.sourcePort = sourcePort
        self.destination = destination
        self.destinationPort = destinationPort
        self.interface = interface
    }

    /// The possible directions: an incoming packet has no owner.
    var directions: [Packet.Direction] {
        let all = direction.map { [$0] } ?? Packet.Direction.allCases
        guard case .user = owner else { return all }
        return all.filter { $0 == .outgoing }
    }

    var families: [AddressFamily] {
        AddressFamily.allCases.filter { family in
            (source?.family ?? family) == family && (destination?.family ?? family) == family
        }
    }

    var transports: [TransportProtocol] {
        transport.map { [$0] } ?? TransportProtocol.allCases
    }
}
