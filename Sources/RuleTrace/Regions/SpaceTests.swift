import Addressing
import RuleIR

/// The distinct matches on the values of one dimension.
struct TestList: Sendable {
    /// A match; the number is that of the rules, whose sets may have the names of other rules'.
    enum Test: Hashable, Sendable {
        case addresses(AddressTest.Addresses, Int)
        case ports(PortTest, Int)
        case user(UserID)
        /// The ports or owners of a flow, by set and index.
        case flow(SetName, Int, Int)
        case pattern
        case local
    }

    private(set) var intervals: [[Interval]] = []
    private var indices: [Test: Int] = [:]
    private var known: [[Interval]: Int] = [:]

    mutating func add(_ test: Test, _ intervals: () -> [Interval]) {
        guard indices[test] == nil else { return }
        let intervals = intervals()
        if let index = known[intervals] {
            indices[test] = index
            return
        }
        known[intervals] = self.intervals.count
        indices[test] = self.intervals.count
        self.intervals.append(intervals)
    }

    func index(of test: Test) -> Int? { indices[test] }
}

/// All matches of several rules, the pattern and the host's addresses, for packets of one family.
struct SpaceTests: Sendable {
    private let family: AddressFamily
    private(set) var sources = TestList()
    private(set) var destinations = TestList()
    private(set) var sourcePorts = TestList()
    private(set) var destinationPorts = TestList()
    private(set) var owners = TestList()
    private(set) var interfaces: [InterfacePattern] = []

    init(
        _ family: AddressFamily, _ traces: [RuleTrace], _ pattern: PacketRegion,
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
        for (number, trace) in traces.enumerated() {
            let rules = trace.rules
            // In the same order each time, so that equal rules give equal answers.
            let chains = rules.chains.sorted { $0.key < $1.key }.flatMap(\.value)
            for rule in rules.bases.flatMap(\.rules) + chains {
                for match in rule.matches {
                    add(match, trace.sets, number)
                }
            }
        }
    }

    private mutating func add(_ pattern: PacketRegion) {
        let family = family
        Self.add(pattern.source, to: &sources) { $0.family == family ? $0.interval : nil }
        Self.add(pattern.destination, to: &destinations) {
            $0.family == family ? $0.interval : nil
        }
        Self.add(pattern.sourcePort, to: &sourcePorts) { $0.interval }
        Self.add(pattern.destinationPort, to: &destinationPorts) { $0.interval }
        Self.add(pattern.owner, to: &owners) { owner in
            switch owner {
            case .users(let range): range.interval
            case .noSocket: nil
            }
        }
        for interface in (pattern.interface?.listed ?? []) + (pattern.interface?.except ?? []) {
            add(interface)
        }
    }

    private static func add<Value>(
        _ values: PacketRegion.Values<Value>?, to list: inout TestList,
        _ interval: (Value) -> Interval?
    ) {
        guard let values else { return }
        list.add(.pattern) { Interval.merging(values.listed.compactMap(interval)) }
    }

    private mutating func add(_ interface: InterfacePattern) {
        if !interfaces.contains(interface) { interfaces.append(interface) }
    }

    private mutating func add(_ match: Match, _ sets: SetIndex, _ number: Int) {
        switch match {
        case .source(let test): Self.add(test, to: &sources, family, sets, number)
        case .destination(let test): Self.add(test, to: &destinations, family, sets, number)
        case .sourcePort(let test): Self.add(test, to: &sourcePorts, sets, number)
        case .destinationPort(let test): Self.add(test, to: &destinationPorts, sets, number)
        case .inputInterface(let pattern), .outputInterface(let pattern):
            add(pattern)
        case .owner(.is(let user)), .owner(.isNot(let user)):
            owners.add(.user(user)) { [UserIDRange(user).interval] }
        case .ownedFlow(let name):
            for (index, flow) in sets.ownedFlows(name).enumerated() {
                owners.add(.flow(name, index, number)) {
                    Interval.merging(flow.owners.map(\.interval))
                }
                destinationPorts.add(.flow(name, index, number)) {
                    Interval.merging(flow.ports.map(\.interval))
                }
            }
        case .family, .transport, .connectionState: break
        }
    }

    private static func add(
        _ test: AddressTest, to list: inout TestList, _ family: AddressFamily, _ sets: SetIndex,
        _ number: Int
    ) {
        guard test.family == family else { return }
        list.add(.addresses(test.addresses, number)) {
            switch test.addresses {
            case .prefix(let prefix): [prefix.range.interval]
            case .set(let name, _): sets.ranges(ofAddresses: name).map(\.interval)
            }
        }
    }

    private static func add(
        _ test: PortTest, to list: inout TestList, _ sets: SetIndex, _ number: Int
    ) {
        list.add(.ports(test, number)) {
            switch test {
            case .port(let port): [PortRange(port).interval]
            case .set(let name): sets.ranges(ofPorts: name).map(\.interval)
            }
        }
    }
}
