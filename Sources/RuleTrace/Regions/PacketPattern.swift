package import Addressing

/// Packets that are alike in what is given, and anything in what isn't.
///
/// First packets of connections, the only ones that NAT rules see.
package struct PacketPattern: Hashable, Sendable {
    package enum Owner: Hashable, Sendable {
        case user(UserID)
        /// No socket, as for every packet that comes in.
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

    /// All packets.
    package init() {}

    /// A packet that comes in has no owner.
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
