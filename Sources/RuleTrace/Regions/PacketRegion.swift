package import Addressing

/// Some packets of a pattern: those whose values are as listed.
///
/// Nil says that it is as wide as the pattern.
package struct PacketRegion: Hashable, Sendable {
    package struct Values<Value: Hashable & Sendable>: Hashable, Sendable {
        /// Whether those listed are left out, of what the pattern has.
        package var isNegated: Bool
        package var listed: [Value]
        /// What of those listed isn't meant: `docker0` of `dock+`.
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
    /// The same packets in fewer regions, where two differ in family, protocol or direction alone.
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
