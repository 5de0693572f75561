import Addressing
import RuleIR

/// The distinct matches on the values of one dimension.
struct TestList: Sendable {
    enum Test: Hashable, Sendable {
        case addresses(AddressTest.Addresses)
        case ports(PortTest)
        case user(UserID)
        /// The ports or owners of a flow, by set and index.
        case flow(SetName, Int)
        case pattern
        case local
    }

    private(set) var intervals: [[Interval]] = []
    private var indices: [Test: Int] = [:]

    mutating func add(_ test: Test, _ intervals: () -> [Interval]) {
        guard indices[test] == nil else { return }
        indices[test] = self.intervals.count
        self.intervals.append(intervals())
    }

    func index(of test: Test) -> Int? { indices[test] }
}

/// All matches of the rules, the pattern and the host's addresses, for packets of one family.
struct SpaceTests: Sendable {
    private let family: AddressFamily
    private(set) var sources = TestList()
    private(set) var destinations = TestList()
    private(set) var sourcePorts = TestList()
    private(set) var destinationPorts = TestList()
    private(set) var owners = TestList()
    private(set) var interfaces: [InterfacePattern] = []

    init(
        _ family: AddressFamily, _ rules: HookRules, _ sets: SetIndex, _ pattern: PacketPattern,
        _ addresses: LocalAddresses
    ) {
        self.family = family
        interfaces = [InterfacePattern(addresses.loopback)]
        add(pattern)
        destinations.add(.local) {
            let loopback = IPPrefix(
                .localhost(family), length: family == .ipv4 ? 8 : family.bitWidth)
            let own = (addresses.entries ?? []).filter { $0.address.family == family }
            return AddressRange.merging(
                [loopback?.range].compactMap(\.self) + own.map { IPPrefix($0.address).range }
            ).map(\.interval)
        }
        for rule in rules.bases.flatMap(\.rules) + rules.chains.values.flatMap(\.self) {
            for match in rule.matches {
                add(match, sets)
            }
        }
    }

    private mutating func add(_ pattern: PacketPattern) {
        if let source = pattern.source, source.family == family {
            sources.add(.pattern) { [source.range.interval] }
        }
        if let destination = pattern.destination, destination.family == family {
            destinations.add(.pattern) { [destination.range.interval] }
        }
        if let port = pattern.sourcePort {
            sourcePorts.add(.pattern) { [PortRange(port).interval] }
        }
        if let port = pattern.destinationPort {
            destinationPorts.add(.pattern) { [PortRange(port).interval] }
        }
        if case .user(let user) = pattern.owner {
            owners.add(.user(user)) { [UserIDRange(user).interval] }
        }
        if let interface = pattern.interface { interfaces.append(InterfacePattern(interface)) }
    }

    private mutating func add(_ match: Match, _ sets: SetIndex) {
        switch match {
        case .source(let test): Self.add(test, to: &sources, family, sets)
        case .destination(let test): Self.add(test, to: &destinations, family, sets)
        case .sourcePort(let test): Self.add(test, to: &sourcePorts, sets)
        case .destinationPort(let test): Self.add(test, to: &destinationPorts, sets)
        case .inputInterface(let pattern), .outputInterface(let pattern):
            if !interfaces.contains(pattern) { interfaces.append(pattern) }
        case .owner(.is(let user)), .owner(.isNot(let user)):
            owners.add(.user(user)) { [UserIDRange(user).interval] }
        case .ownedFlow(let name):
            for (index, flow) in sets.ownedFlows(name).enumerated() {
                owners.add(.flow(name, index)) { Interval.merging(flow.owners.map(\.interval)) }
                destinationPorts.add(.flow(name, index)) {
                    Interval.merging(flow.ports.map(\.interval))
                }
            }
        case .family, .transport, .connectionState: break
        }
    }

    private static func add(
        _ test: AddressTest, to list: inout TestList, _ family: AddressFamily, _ sets: SetIndex
    ) {
        guard test.family == family else { return }
        list.add(.addresses(test.addresses)) {
            switch test.addresses {
            case .prefix(let prefix): [prefix.range.interval]
            case .set(let name, _): sets.ranges(ofAddresses: name).map(\.interval)
            }
        }
    }

    private static func add(_ test: PortTest, to list: inout TestList, _ sets: SetIndex) {
        list.add(.ports(test)) {
            switch test {
            case .port(let port): [PortRange(port).interval]
            case .set(let name): sets.ranges(ofPorts: name).map(\.interval)
            }
        }
    }
}
