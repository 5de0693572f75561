package import Addressing

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
        case nobody
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
