import Addressing
import RuleIR

/// A rule of a plan for one family, in a form that is the same however the plan or a backend
/// writes the rule.
struct NormalRule: Hashable, Sendable {
    /// A match on a list of values.
    enum Field: Hashable, Sendable, CaseIterable {
        case source
        case destination
        /// Sources that the rule doesn't match.
        case notSource
        case notDestination
        case sourcePort
        case destinationPort
        /// Owners together with the ports that they send to.
        case flows
    }

    enum Values: Hashable, Sendable {
        case addresses([AddressRange])
        case ports([PortRange])
        case flows([FlowRectangle])
    }

    enum Effect: Hashable, Sendable {
        /// An action other than a jump.
        case action(Action)
        /// A jump to the chain of this name in lower case, since nftables has no other.
        case jump(String)
    }

    var lists: [Field: Values]
    /// The matches on single values: protocol, interfaces, owner, state.
    var others: Set<Match>
    var effect: Effect
    /// Nil if reasons aren't compared.
    var rationale: Rationale?
}

extension NormalRule {
    /// Creates the form for packets of `family`; nil if none of them matches.
    init?(
        _ matches: [Match], _ effect: Effect, _ rationale: Rationale?, for family: AddressFamily,
        _ sets: SetValues
    ) {
        self.init(lists: [:], others: [], effect: effect, rationale: rationale)
        for match in matches {
            switch match {
            case .family(let only): guard only == family else { return nil }
            case .source(let test):
                guard test.family == family else { return nil }
                add(sets.addresses(test), test.isNegated ? .notSource : .source)
            case .destination(let test):
                guard test.family == family else { return nil }
                add(sets.addresses(test), test.isNegated ? .notDestination : .destination)
            case .sourcePort(let test): lists[.sourcePort] = .ports(sets.ports(test))
            case .destinationPort(let test): lists[.destinationPort] = .ports(sets.ports(test))
            case .ownedFlow(let name): lists[.flows] = .flows(sets.flows(name))
            case .transport, .inputInterface, .outputInterface, .owner, .connectionState:
                others.insert(match)
            }
        }
        for field in [Field.notSource, .notDestination] {
            if case .addresses(let ranges) = lists[field], ranges.count == 1,
                ranges.first == AddressRange.all(of: family)
            {
                return nil
            }
        }
        for field in [Field.source, .destination] { dropIfAll(field) }
        guard joinOwnerAndPorts() else { return nil }
    }

    /// Removes a match that holds for every address, as iptables does.
    mutating func dropIfAll(_ field: Field) {
        guard case .addresses(let ranges) = lists[field], ranges.count == 1,
            let only = ranges.first, only == AddressRange.all(of: only.family)
        else { return }
        lists[field] = nil
    }

    private mutating func add(_ ranges: [AddressRange], _ field: Field) {
        guard case .addresses(let before) = lists[field] else {
            lists[field] = .addresses(ranges)
            return
        }
        switch field {
        case .notSource, .notDestination:
            lists[field] = .addresses(AddressRange.merging(before + ranges))
        case .source, .destination, .sourcePort, .destinationPort, .flows:
            // In both lists: not in what one has beyond the other.
            let beyond = AddressRange.subtracting(ranges, from: before)
            lists[field] = .addresses(AddressRange.subtracting(beyond, from: before))
        }
    }

    /// Makes an owner with a protocol a flow to all or some ports, as an item of a list is.
    ///
    /// Returns false if no flow of the list is of the rule's protocol, so that no packet matches.
    private mutating func joinOwnerAndPorts() -> Bool {
        let transport = others.lazy.compactMap { match -> TransportProtocol? in
            guard case .transport(let transport) = match else { return nil }
            return transport
        }.first
        guard let transport else { return true }
        if case .flows(let flows) = lists[.flows] {
            others.remove(.transport(transport))
            let own = flows.filter { $0.transport == transport }
            lists[.flows] = .flows(own)
            return flows.isEmpty || !own.isEmpty
        }
        let owner = others.lazy.compactMap { match -> UserID? in
            guard case .owner(.is(let owner)) = match else { return nil }
            return owner
        }.first
        guard let owner else { return true }
        var ports = [PortRange.all]
        if case .ports(let only) = lists.removeValue(forKey: .destinationPort) { ports = only }
        others.subtract([.transport(transport), .owner(.is(owner))])
        let flow = OwnedFlow(
            protocols: [transport], ports: ports, owners: [UserIDRange(owner)])
        lists[.flows] = .flows(FlowRectangles([flow]).rectangles)
        return true
    }
}

extension AddressRange {
    static func all(of family: AddressFamily) -> AddressRange? {
        IPPrefix(.unspecified(family), length: 0)?.range
    }
}

/// The values of sets, as sorted ranges that don't touch.
struct SetValues {
    private var members: [SetName: NamedSet.Members] = [:]

    init(_ sets: some Sequence<NamedSet>) {
        for set in sets { members[set.name] = set.members }
    }

    init(_ tables: [ListedTable]) {
        self.init(
            tables.flatMap(\.sets).compactMap { set in
                guard case .readable(let set) = set else { return nil }
                return set
            })
    }

    func addresses(_ test: AddressTest) -> [AddressRange] {
        switch test.addresses {
        case .prefix(let prefix): return [prefix.range]
        case .set(let name, _):
            guard case .addresses(_, let members) = members[name] else { return [] }
            return AddressRange.merging(members.map(\.value.range))
        }
    }

    func ports(_ test: PortTest) -> [PortRange] {
        switch test {
        case .port(let port): return [PortRange(port)]
        case .set(let name):
            guard case .ports(let members) = members[name] else { return [] }
            return PortRange.merging(members.map(\.value))
        }
    }

    func flows(_ name: SetName) -> [FlowRectangle] {
        guard case .ownedFlows(let members) = members[name] else { return [] }
        return FlowRectangles(members.map(\.value)).rectangles
    }
}
