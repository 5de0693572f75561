package import Addressing
package import RuleIR

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

        package init(isNegated: Bool = false, listed: [Value], except: [Value] = []) {
            self.isNegated = isNegated
            self.listed = listed
            self.except = except
        }
    }

    package enum Owner: Hashable, Sendable {
        case users(UserIDRange)
        case noSocket
    }

    package var states: [ConnectionState] = [.new]
    package var directions: [Packet.Direction] = Packet.Direction.allCases
    package var families: [AddressFamily] = AddressFamily.allCases
    package var transports: [TransportProtocol] = TransportProtocol.allCases
    package var source: Values<AddressRange>?
    package var sourcePort: Values<PortRange>?
    package var destination: Values<AddressRange>?
    package var destinationPort: Values<PortRange>?
    package var owner: Values<Owner>?
    package var interface: Values<InterfacePattern>?

    /// All first packets of connections.
    package init() {}

    init(_ pattern: PacketPattern) {
        if let direction = pattern.direction { directions = [direction] }
        if let transport = pattern.transport { transports = [transport] }
        families = AddressFamily.allCases.filter { family in
            (pattern.source?.family ?? family) == family
                && (pattern.destination?.family ?? family) == family
        }
        source = pattern.source.map { Values(listed: [$0.range]) }
        sourcePort = pattern.sourcePort.map { Values(listed: [PortRange($0)]) }
        destination = pattern.destination.map { Values(listed: [$0.range]) }
        destinationPort = pattern.destinationPort.map { Values(listed: [PortRange($0)]) }
        owner = pattern.owner.map { owner in
            switch owner {
            case .user(let user): Values(listed: [.users(UserIDRange(user))])
            case .noSocket: Values(listed: [.noSocket])
            }
        }
        interface = pattern.interface.map { Values(listed: [InterfacePattern($0)]) }
    }

    /// The possible directions: an incoming packet has no owner.
    var possibleDirections: [Packet.Direction] {
        guard let owner, !owner.isNegated, !owner.listed.contains(.noSocket) else {
            return directions
        }
        return directions.filter { $0 == .outgoing }
    }
}

extension [PacketRegion] {
    /// Returns the same packets in fewer regions; merges two that differ in one of state, family,
    /// protocol and direction.
    func merged() -> [PacketRegion] {
        merged(\.states).merged(\.families).merged(\.transports).merged(\.directions)
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
