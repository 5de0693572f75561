import Addressing
import RuleIR

/// The packets of one family, partitioned into atoms that no rule or pattern distinguishes.
///
/// The rules may be those of several rulesets, which are then evaluated in the same atoms.
struct RegionSpace: Sendable {
    /// The values for which a match holds.
    enum Condition: Sendable {
        case always
        case never
        case atoms(Dimension, AtomSet)
        /// Ports by owners; the groups of owners are disjoint.
        case flows([(owners: AtomSet, ports: AtomSet)])
    }

    let family: AddressFamily
    let source: ValueAtoms
    let sourcePort: ValueAtoms
    let destination: ValueAtoms
    let destinationPort: ValueAtoms
    /// The atoms of UIDs; the atom after the last one is "no socket".
    let owner: ValueAtoms
    let interface: InterfaceAtoms
    /// The atoms of the host's addresses.
    let local: AtomSet
    private let tests: SpaceTests

    init(
        _ family: AddressFamily, _ traces: [RuleTrace], _ pattern: PacketRegion,
        _ addresses: LocalAddresses
    ) {
        self.family = family
        let tests = SpaceTests(family, traces, pattern, addresses)
        self.tests = tests
        let last: UInt128 = family == .ipv4 ? UInt128(UInt32.max) : .max
        let addressDomain = Interval(first: 0, last: last)
        let portDomain = Interval(first: 1, last: 65_535)
        source = ValueAtoms(addressDomain, tests: tests.sources.intervals)
        destination = ValueAtoms(addressDomain, tests: tests.destinations.intervals)
        sourcePort = ValueAtoms(portDomain, tests: tests.sourcePorts.intervals)
        destinationPort = ValueAtoms(portDomain, tests: tests.destinationPorts.intervals)
        owner = ValueAtoms(
            Interval(first: 0, last: UInt128(UInt32.max) - 1), tests: tests.owners.intervals)
        interface = InterfaceAtoms(
            tests.interfaces, known: [addresses.loopback, addresses.firstInterface])
        local =
            tests.destinations.index(of: .local).map { [destination] in
                destination.holding[$0]
            } ?? AtomSet(count: destination.count)
    }

    /// Returns the number of atoms of a dimension.
    func count(_ dimension: Dimension) -> Int {
        switch dimension {
        case .source: source.count
        case .sourcePort: sourcePort.count
        case .destination: destination.count
        case .destinationPort: destinationPort.count
        case .owner: owner.count + 1
        case .interface: interface.count
        }
    }

    /// The atom of packets without a socket.
    var noSocket: AtomSet {
        var set = AtomSet(count: owner.count + 1)
        set.insert(owner.count)
        return set
    }

    func owners(_ user: UserID) -> AtomSet {
        widened(tests.owners.index(of: .user(user)).map { owner.holding[$0] })
    }

    /// Returns the atoms in a set that includes "no socket".
    private func widened(_ atoms: AtomSet?) -> AtomSet {
        var set = AtomSet(count: owner.count + 1)
        for atom in atoms?.atoms ?? [] { set.insert(atom) }
        return set
    }

    /// Returns the atoms of the pattern.
    func atoms(of pattern: PacketRegion, in dimension: Dimension) -> AtomSet {
        let all = AtomSet.all(count(dimension))
        func atoms<Value>(
            _ values: PacketRegion.Values<Value>?, _ listed: AtomSet?
        ) -> AtomSet {
            guard let values, let listed else { return all }
            return values.isNegated ? all.subtracting(listed) : listed
        }
        return switch dimension {
        case .source:
            atoms(pattern.source, tests.sources.index(of: .pattern).map { source.holding[$0] })
        case .sourcePort:
            atoms(
                pattern.sourcePort,
                tests.sourcePorts.index(of: .pattern).map { sourcePort.holding[$0] })
        case .destination:
            atoms(
                pattern.destination,
                tests.destinations.index(of: .pattern).map { destination.holding[$0] })
        case .destinationPort:
            atoms(
                pattern.destinationPort,
                tests.destinationPorts.index(of: .pattern).map { destinationPort.holding[$0] })
        case .owner:
            atoms(
                pattern.owner,
                pattern.owner.map { values in
                    let users = widened(
                        tests.owners.index(of: .pattern).map { owner.holding[$0] })
                    return values.listed.contains(.noSocket) ? users.union(noSocket) : users
                })
        case .interface:
            atoms(
                pattern.interface,
                pattern.interface.map { values in
                    let listed = values.listed.map { interface.holding($0) }
                    let excepted = values.except.map { interface.holding($0) }
                    let none = AtomSet(count: interface.count)
                    return listed.reduce(none) { $0.union($1) }
                        .subtracting(excepted.reduce(none) { $0.union($1) })
                })
        }
    }

    /// Returns the values for which a match of rules holds, for packets of a class.
    func condition(
        _ match: Match, _ packets: PacketClass, of number: Int, _ sets: SetIndex
    ) -> Condition {
        let (direction, transport) = (packets.direction, packets.transport)
        return switch match {
        case .family(let wanted): wanted == family ? .always : .never
        case .transport(let wanted): wanted == transport ? .always : .never
        case .source(let test): addresses(test, number, .source, tests.sources, source)
        case .destination(let test):
            addresses(test, number, .destination, tests.destinations, destination)
        case .sourcePort(let test): ports(test, number, .sourcePort, tests.sourcePorts, sourcePort)
        case .destinationPort(let test):
            ports(test, number, .destinationPort, tests.destinationPorts, destinationPort)
        case .inputInterface(let pattern):
            direction == .incoming ? .atoms(.interface, interface.holding(pattern)) : .never
        case .outputInterface(let pattern):
            direction == .outgoing ? .atoms(.interface, interface.holding(pattern)) : .never
        case .owner(.is(let user)): .atoms(.owner, owners(user))
        case .owner(.isNot(let user)):
            .atoms(.owner, AtomSet.all(owner.count + 1).subtracting(owners(user)))
        case .ownedFlow(let name):
            .flows(flows(name, number, sets.ownedFlows(name), transport))
        case .connectionState(let state): state == packets.state ? .always : .never
        }
    }

    private func addresses(
        _ test: AddressTest, _ number: Int, _ dimension: Dimension, _ tests: TestList,
        _ atoms: ValueAtoms
    ) -> Condition {
        guard test.family == family,
            let index = tests.index(of: .addresses(test.addresses, number))
        else { return .never }
        let inside = atoms.holding[index]
        return .atoms(
            dimension, test.isNegated ? AtomSet.all(atoms.count).subtracting(inside) : inside)
    }

    private func ports(
        _ test: PortTest, _ number: Int, _ dimension: Dimension, _ tests: TestList,
        _ atoms: ValueAtoms
    ) -> Condition {
        guard let index = tests.index(of: .ports(test, number)) else { return .never }
        return .atoms(dimension, atoms.holding[index])
    }

    /// Returns the ports of each group of owners in the flows.
    private func flows(
        _ name: SetName, _ number: Int, _ flows: [OwnedFlow], _ transport: TransportProtocol
    ) -> [(owners: AtomSet, ports: AtomSet)] {
        var owned: [AtomSet: AtomSet] = [:]
        let relevant = flows.enumerated().filter { $1.protocols.contains(transport) }
            .compactMap { index, _ -> (owners: AtomSet, ports: AtomSet)? in
                guard let owners = tests.owners.index(of: .flow(name, index, number)),
                    let ports = tests.destinationPorts.index(of: .flow(name, index, number))
                else { return nil }
                return (owner.holding[owners], destinationPort.holding[ports])
            }
        var byOwner: [Int: AtomSet] = [:]
        for flow in relevant {
            for atom in flow.owners.atoms {
                byOwner[atom] = byOwner[atom]?.union(flow.ports) ?? flow.ports
            }
        }
        for (atom, ports) in byOwner where !ports.isEmpty {
            owned[ports, default: AtomSet(count: owner.count + 1)].insert(atom)
        }
        return owned.map { (owners: $0.value, ports: $0.key) }
            .sorted { ($0.owners.atoms.first ?? 0) < ($1.owners.atoms.first ?? 0) }
    }
}

/// The packets that are evaluated together: those of one direction, protocol and conntrack state.
struct PacketClass: Hashable, Sendable {
    var direction: Packet.Direction
    var transport: TransportProtocol
    var state: ConnectionState = .new
}

extension PacketRegion {
    /// The classes of the packets in the region.
    var classes: [PacketClass] {
        possibleDirections.flatMap { direction in
            transports.flatMap { transport in
                states.map { PacketClass(direction: direction, transport: transport, state: $0) }
            }
        }
    }
}
