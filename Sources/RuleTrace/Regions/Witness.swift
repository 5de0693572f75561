import Addressing

/// Chooses a packet of a region as an example, with familiar values where possible.
struct Witness {
    private let space: RegionSpace
    private let packets: PacketClass

    init(_ space: RegionSpace, _ packets: PacketClass) {
        self.space = space
        self.packets = packets
    }

    func packet(of region: Region) -> Packet {
        let family = space.family
        let far = IPAddress.documentation(family)
        let interface = interface(region)
        let localhost = IPAddress.localhost(family).bits
        let destination = number(
            region, .destination, space.destination,
            // Another address of this host, where 127.0.0.1 is excluded.
            interface == .loopback
                ? [localhost, family == .ipv4 ? localhost + 1 : far.bits] : [far.bits])
        let source = number(
            region, .source, space.source,
            destination == localhost ? [localhost, 0] : [0, localhost, far.bits + 1])
        let ports = [Port.secureWeb, .web, .service].map { UInt128($0.number) }
        let users = [UserID.arbitrary, .root].map { UInt128($0.number) }
        return Packet(
            direction: packets.direction, transport: packets.transport,
            owner: UserID(number(region, .owner, space.owner, users) ?? .max),
            source: IPAddress(family: family, bits: source ?? 0), sourcePort: sourcePort(region),
            destination: IPAddress(family: family, bits: destination ?? far.bits),
            destinationPort: number(region, .destinationPort, space.destinationPort, ports)
                .flatMap { Port($0) } ?? .secureWeb,
            interface: interface, connectionState: packets.state)
    }

    /// Returns nil if the rules don't match source ports.
    private func sourcePort(_ region: Region) -> Port? {
        if let outside = space.sourcePort.outside, region[.sourcePort].contains(outside) {
            return nil
        }
        return number(region, .sourcePort, space.sourcePort, []).flatMap { Port($0) }
    }

    private func interface(_ region: Region) -> InterfaceName {
        let names = space.interface.names.enumerated().filter {
            region[.interface].contains($0.offset)
        }.map(\.element)
        return names.first { $0 != .loopback } ?? names.first ?? .ethernet
    }

    /// Returns the first preferred value in the region, else the lowest; nil for packets without a
    /// socket.
    private func number(
        _ region: Region, _ dimension: Dimension, _ atoms: ValueAtoms, _ preferred: [UInt128]
    ) -> UInt128? {
        let wanted = region[dimension]
        if let found = preferred.first(where: { wanted.contains(atoms.atom(of: $0)) }) {
            return found
        }
        guard let lowest = atoms.intervals(of: wanted).first else { return nil }
        // The first address of a block is that of the network.
        let isBlock = lowest.last > lowest.first && dimension == .destination
        return isBlock ? lowest.first + 1 : lowest.first
    }
}
