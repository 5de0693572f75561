package import Addressing

/// All first packets of connections with the given properties; a nil property may have any value.
///
/// First packets are the only ones that nat chains see.
package struct PacketPattern: Hashable, Sendable {
    package enum Owner: Hashable, Sendable {
        case user(UserID)
        /// No socket, as for every incoming packet.
        case noSocket
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

/// The packets of a pattern whose properties have the listed values.
///
/// A nil property isn't narrower than the pattern.
package struct PacketRegion: Hashable, Sendable {
    package struct Values<Value: Hashable & Sendable>: Hashable, Sendable {
        /// Whether the values are those of the pattern except the listed ones.
        package var isNegated: Bool
        package var listed: [Value]
        /// Exceptions from the listed values, such as `docker0` from `dock+`.
        package var except: [Value] = []
    }

    package enum Owner: Hashable, Sendable {
        case users(UserIDRange)
        case noSocket
    }

    package var directions: [Packet.Direction]
    package var families: [AddressFamily]
    package var transports: [TransportProtocol]
    package var source: Values<AddressRange>?
    package var sourcePort: Values<PortRange>?
    package var destination: Values<AddressRange>?
    package var destinationPort: Values<PortRange>?
    package var owner: Values<Owner>?
    package var interface: Values<InterfacePattern>?
}

extension [PacketRegion] {
    /// Returns the same packets in fewer regions; merges two that differ in one of family, protocol
    /// and direction.
    func merged() -> [PacketRegion] {
        merged(\.families).merged(\.transports).merged(\.directions)
    }

    private func merged<Value: Hashable>(
        _ path: WritableKeyPath<PacketRegion, [Value]>
    ) -> [PacketRegion] {
        var found: [PacketRegion: Int] = [:]
        var result: [PacketRegion] = []
        for region in self {
            var key = region
            key[keyPath: path] = []
            if let index = found[key] {
                result[index][keyPath: path] += region[keyPath: path]
            } else {
                found[key] = result.count
                result.append(region)
            }
        }
        return result
    }
}
