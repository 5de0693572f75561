import Addressing
import RuleIR

/// The packets of one family, partitioned into atoms that no rule or pattern distinguishes.
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
        _ family: AddressFamily, _ rules: HookRules, _ sets: SetIndex, _ pattern: PacketPattern,
        _ addresses: LocalAddresses
    ) {
        self.family = family
        let tests = SpaceTests(family, rules, sets, pattern, addresses)
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
        for atom in 0..<owner.count where atoms?.contains(atom) ?? false {
            set.insert(atom)
        }
        return set
    }

    /// Returns the atoms of the pattern's address or port; nil if it has none.
    func pattern(in dimension: Dimension) -> AtomSet? {
        switch dimension {
        case .source: tests.sources.index(of: .pattern).map { source.holding[$0] }
        case .sourcePort: tests.sourcePorts.index(of: .pattern).map { sourcePort.holding[$0] }
        case .destination: tests.destinations.index(of: .pattern).map { destination.holding[$0] }
        case .destinationPort:
            tests.destinationPorts.index(of: .pattern).map { destinationPort.holding[$0] }
        case .owner, .interface: nil
        }
    }

    /// Returns the values for which a match holds, for packets of a direction and protocol.
    func condition(
        _ match: Match, _ direction: Packet.Direction, _ transport: TransportProtocol,
        _ sets: SetIndex
    ) -> Condition {
        switch match {
        case .family(let wanted): wanted == family ? .always : .never
        case .transport(let wanted): wanted == transport ? .always : .never
        case .source(let test): addresses(test, .source, tests.sources, source)
        case .destination(let test): addresses(test, .destination, tests.destinations, destination)
        case .sourcePort(let test): ports(test, .sourcePort, tests.sourcePorts, sourcePort)
        case .destinationPort(let test):
            ports(test, .destinationPort, tests.destinationPorts, destinationPort)
        case .inputInterface(let pattern):
            direction == .incoming ? .atoms(.interface, interface.holding(pattern)) : .never
        case .outputInterface(let pattern):
            direction == .outgoing ? .atoms(.interface, interface.holding(pattern)) : .never
        case .owner(.is(let user)): .atoms(.owner, owners(user))
        case .owner(.isNot(let user)):
            .atoms(.owner, AtomSet.all(owner.count + 1).subtracting(owners(user)))
        case .ownedFlow(let name): .flows(flows(name, sets.ownedFlows(name), transport))
        case .connectionState(let state): state == .new ? .always : .never
        }
    }

    private func addresses(
        _ test: AddressTest, _ dimension: Dimension, _ tests: TestList, _ atoms: ValueAtoms
    ) -> Condition {
        guard test.family == family, let index = tests.index(of: .addresses(test.addresses)) else {
            return .never
        }
        let inside = atoms.holding[index]
        return .atoms(
            dimension, test.isNegated ? AtomSet.all(atoms.count).subtracting(inside) : inside)
    }

    private func ports(
        _ test: PortTest, _ dimension: Dimension, _ tests: TestList, _ atoms: ValueAtoms
    ) -> Condition {
        guard let index = tests.index(of: .ports(test)) else { return .never }
        return .atoms(dimension, atoms.holding[index])
    }

    /// Returns the ports of each group of owners in the flows.
    private func flows(
        _ name: SetName, _ flows: [OwnedFlow], _ transport: TransportProtocol
    ) -> [(owners: AtomSet, ports: AtomSet)] {
        var owned: [AtomSet: AtomSet] = [:]
        let relevant = flows.enumerated().filter { $1.protocols.contains(transport) }
            .compactMap { index, _ -> (owners: AtomSet, ports: AtomSet)? in
                guard let owners = tests.owners.index(of: .flow(name, index)),
                    let ports = tests.destinationPorts.index(of: .flow(name, index))
                else { return nil }
                return (owner.holding[owners], destinationPort.holding[ports])
            }
        for atom in 0..<owner.count {
            let ports = relevant.reduce(AtomSet(count: destinationPort.count)) { ports, flow in
                flow.owners.contains(atom) ? ports.union(flow.ports) : ports
            }
            guard !ports.isEmpty else { continue }
            owned[ports, default: AtomSet(count: owner.count + 1)].insert(atom)
        }
        return owned.map { (owners: $0.value, ports: $0.key) }
    }
}
