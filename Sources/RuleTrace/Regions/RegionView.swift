import Addressing
import RuleIR

/// Converts regions back to values, where they are narrower than the pattern.
struct RegionView {
    private let space: RegionSpace
    private let packets: PacketClass
    /// The atoms of the pattern in each dimension.
    private let whole: [AtomSet]

    init(_ space: RegionSpace, _ packets: PacketClass, whole: [Region]) {
        self.space = space
        self.packets = packets
        self.whole = Dimension.allCases.map { dimension in
            whole.reduce(AtomSet(count: space.count(dimension))) {
                $0.union($1[dimension])
            }
        }
    }

    /// Returns the atoms of the pattern in a dimension.
    func whole(_ dimension: Dimension) -> AtomSet { whole[dimension.rawValue] }

    func none(_ dimension: Dimension) -> AtomSet { AtomSet(count: space.count(dimension)) }

    /// Whether the region has all values of the pattern except some, in words.
    func isException(_ region: Region, _ dimension: Dimension) -> Bool {
        let isNegated =
            switch dimension {
            case .source: intervals(region, dimension, space.source)?.isNegated
            case .sourcePort: intervals(region, dimension, space.sourcePort)?.isNegated
            case .destination: intervals(region, dimension, space.destination)?.isNegated
            case .destinationPort:
                intervals(region, dimension, space.destinationPort)?.isNegated
            case .owner: owners(region)?.isNegated
            case .interface: interfaces(region)?.isNegated
            }
        return isNegated ?? false
    }

    /// Adds a region to the part of its deciding rule.
    func add(_ state: RegionState, to parts: inout [PatternAnswer.Part]) {
        let region = region(state.region)
        let index = parts.firstIndex {
            $0.outcome == state.outcome && $0.decisive == state.decisive
        }
        guard let index else {
            parts.append(
                PatternAnswer.Part(
                    outcome: state.outcome, decisive: state.decisive, regions: [region],
                    witness: Witness(space, packets).packet(of: state.region),
                    doubts: state.doubts))
            return
        }
        parts[index].regions.append(region)
        for rule in state.doubts where !parts[index].doubts.contains(rule) {
            parts[index].doubts.append(rule)
        }
    }

    /// Returns the region in values, where it is narrower than the pattern.
    func region(_ region: Region) -> PacketRegion {
        let family = space.family
        var found = PacketRegion()
        found.states = [packets.state]
        found.directions = [packets.direction]
        found.families = [family]
        found.transports = [packets.transport]
        found.source = values(region, .source, space.source) { AddressRange($0, family) }
        found.sourcePort = values(region, .sourcePort, space.sourcePort) { PortRange($0) }
        found.destination = values(region, .destination, space.destination) {
            AddressRange($0, family)
        }
        found.destinationPort = values(region, .destinationPort, space.destinationPort) {
            PortRange($0)
        }
        found.owner = owners(region)
        found.interface = interfaces(region)
        return found
    }

    /// Returns the values in the region or, if that list is shorter, those of the pattern outside
    /// it.
    private func values<Value: Hashable & Sendable>(
        _ region: Region, _ dimension: Dimension, _ atoms: ValueAtoms,
        _ value: (Interval) -> Value?
    ) -> PacketRegion.Values<Value>? {
        let all = whole[dimension.rawValue]
        guard region[dimension] != all else { return nil }
        let inside = atoms.intervals(of: region[dimension])
        let outside = atoms.intervals(of: all.subtracting(region[dimension]))
        let isNegated = outside.count < inside.count
        return PacketRegion.Values(
            isNegated: isNegated, listed: (isNegated ? outside : inside).compactMap(value))
    }

    private func intervals(
        _ region: Region, _ dimension: Dimension, _ atoms: ValueAtoms
    ) -> PacketRegion.Values<Interval>? {
        values(region, dimension, atoms) { $0 }
    }

    private func owners(_ region: Region) -> PacketRegion.Values<PacketRegion.Owner>? {
        let all = whole[Dimension.owner.rawValue]
        guard region[.owner] != all else { return nil }
        func list(_ atoms: AtomSet) -> [PacketRegion.Owner] {
            let users = space.owner.intervals(of: atoms).compactMap { UserIDRange($0) }
            let includesNoSocket = atoms.contains(space.owner.count)
            return users.map { .users($0) } + (includesNoSocket ? [.noSocket] : [])
        }
        let inside = list(region[.owner])
        let outside = list(all.subtracting(region[.owner]))
        let isNegated = outside.count < inside.count
        return PacketRegion.Values(isNegated: isNegated, listed: isNegated ? outside : inside)
    }

    /// Returns the interfaces of the region; a region with names that match no pattern lists the
    /// others.
    ///
    /// A name belongs to the narrowest pattern that matches it, so a wider listed pattern may have
    /// exceptions.
    private func interfaces(_ region: Region) -> PacketRegion.Values<InterfacePattern>? {
        let all = whole[Dimension.interface.rawValue]
        guard region[.interface] != all else { return nil }
        let (within, without) = (region[.interface], all.subtracting(region[.interface]))
        func labels(_ atoms: AtomSet) -> [InterfacePattern?] {
            (0..<space.interface.count).filter(atoms.contains).map(space.interface.label)
        }
        let isNegated = labels(within).contains(nil)
        let listed = labels(isNegated ? without : within).compactMap(\.self)
        let others = labels(isNegated ? within : without).compactMap(\.self)
        return PacketRegion.Values(
            isNegated: isNegated, listed: listed,
            except: others.filter { other in listed.contains { $0.includes(other) } })
    }
}
