import Addressing
import RuleIR

/// The sets of a table, and how a rule looks up the members of each list.
///
/// While rules are replaced, the kernel finds the elements of a new interval set only some time
/// after it runs the new rules. So only long lists with ranges become interval sets. A list without
/// ranges becomes a set without intervals, and a short one with ranges becomes matches.
struct SetLowering {
    private(set) var sets: [NftSet] = []
    private var names: Set<String> = []
    private var lookups: [SetName: Lookup] = [:]

    /// The maximum number of prefixes or ranges of a list that becomes matches.
    ///
    /// A rule that looks up two such lists becomes at most the square of it.
    static let mostMatches = 4

    /// How a rule checks whether a packet's value is a member.
    private enum Lookup {
        case set(String)
        case prefixes([IPPrefix])
        case ports([PortRange])
        /// One entry for each protocol that has members.
        case flows([FlowLookup])
    }

    private struct FlowLookup {
        var transport: TransportProtocol
        var lists: [[NftStatement]]
    }

    init(_ sets: [NamedSet]) {
        for set in sets { lookups[set.name] = add(set) }
    }

    private mutating func add(_ set: NamedSet) -> Lookup {
        switch set.members {
        case .addresses(let family, let members):
            let isRanged = members.contains { !$0.value.isSingle }
            let ranges =
                isRanged
                ? AddressRange.merging(members.map(\.value.range))
                : Set(members.map(\.value.address)).sorted().compactMap { AddressRange($0, $0) }
            if isRanged, let prefixes = ranges.fewPrefixes { return .prefixes(prefixes) }
            return .set(
                add(
                    set.name.text, [family == .ipv4 ? .ipv4Address : .ipv6Address],
                    isInterval: isRanged, ranges.map { .addresses($0) }))
        case .ports(let members):
            let isRanged = members.contains { $0.value.first != $0.value.last }
            let ranges =
                isRanged
                ? PortRange.merging(members.map(\.value))
                : Set(members.map(\.value.first)).sorted().map { PortRange($0) }
            if isRanged, ranges.count <= Self.mostMatches { return .ports(ranges) }
            return .set(
                add(
                    set.name.text, [.port], isInterval: isRanged, ranges.map { .ports($0) }))
        case .ownedFlows(let members):
            let flows = members.map(\.value)
            let rectangles = FlowRectangles(flows).rectangles
            var flowLookups: [FlowLookup] = []
            for transport in TransportProtocol.allCases {
                let own = rectangles.filter { $0.transport == transport }
                guard !own.isEmpty else { continue }
                let elements =
                    flows.singles(transport) ?? own.map { .flow($0.owners, $0.ports) }
                flowLookups.append(
                    FlowLookup(
                        transport: transport, lists: lists(for: elements, transport, set.name)))
            }
            return .flows(flowLookups)
        }
    }

    private mutating func lists(
        for flows: [NftElement], _ transport: TransportProtocol, _ name: SetName
    ) -> [[NftStatement]] {
        let isRanged = flows.contains(where: \.isRange)
        if isRanged, flows.count <= Self.mostMatches {
            return flows.compactMap { flow in
                guard case .flow(let owners, let ports) = flow else { return nil }
                return [
                    .match(.owner, isNegated: false, .init(owners)),
                    .match(.destinationPort(transport), isNegated: false, .init(ports)),
                ]
            }
        }
        let set = add(
            transport.setName(name), [.owner, .port], isInterval: isRanged, flows)
        let operand = NftOperand.ownedFlow(transport, inIntervals: isRanged)
        return [[.match(operand, isNegated: false, .set(set))]]
    }

    /// Adds a set and returns its name.
    ///
    /// An interval set has another name than one without intervals, so that both can be loaded when
    /// the list changes from one to the other. A set of the IR may already have the name of a part.
    private mutating func add(
        _ stem: String, _ types: [NftType], isInterval: Bool, _ elements: [NftElement]
    ) -> String {
        var name = isInterval ? stem + NftSet.intervalMark : stem
        while !names.insert(name).inserted { name += "_" }
        sets.append(NftSet(types: types, name: name, isInterval: isInterval, elements: elements))
        return name
    }

    /// Returns lists of matches, of which one holds as a whole for a member of the set.
    ///
    /// No packet matches two of the lists.
    func alternatives(
        _ operand: NftOperand, isNegated: Bool = false, _ name: SetName
    ) -> [[NftStatement]] {
        switch lookups[name] {
        case .set(let set): return [[.match(operand, isNegated: isNegated, .set(set))]]
        case .prefixes(let prefixes):
            let matches = prefixes.map {
                NftStatement.match(operand, isNegated: isNegated, .prefix($0))
            }
            // Not a member: not in the first, and not in the second.
            return isNegated ? [matches] : matches.map { [$0] }
        case .ports(let ranges):
            return ranges.map { [.match(operand, isNegated: isNegated, .init($0))] }
        case .flows, nil: return []
        }
    }

    /// Returns the same for an owner and a port; `transport` is the protocol of the rule, if any.
    func flowAlternatives(
        _ name: SetName, _ transport: TransportProtocol?
    ) -> [[NftStatement]] {
        guard case .flows(let flows) = lookups[name] else { return [] }
        return flows.filter { transport == nil || transport == $0.transport }.flatMap(\.lists)
    }
}

extension NftSet {
    /// The suffix of the name of an interval set.
    static let intervalMark = "_ranges"
}

extension NftElement {
    fileprivate var isRange: Bool {
        switch self {
        case .addresses(let range): range.first != range.last
        case .ports(let range): range.first != range.last
        case .flow(let owners, let ports): owners.first != owners.last || ports.first != ports.last
        case .note: false
        }
    }
}

extension [OwnedFlow] {
    /// Returns each owner with each port; nil if there are ranges, or too many elements.
    fileprivate func singles(_ transport: TransportProtocol) -> [NftElement]? {
        var elements: [UserID: Set<Port>] = [:]
        var count = 0
        for flow in self where flow.protocols.contains(transport) {
            guard flow.owners.allSatisfy({ $0.first == $0.last }),
                flow.ports.allSatisfy({ $0.first == $0.last })
            else { return nil }
            count += flow.owners.count * flow.ports.count
            guard count <= FlowRectangles.limit else { return nil }
            for owner in flow.owners {
                elements[owner.first, default: []].formUnion(flow.ports.map(\.first))
            }
        }
        return elements.sorted { $0.key < $1.key }.flatMap { owner, ports in
            ports.sorted().map { .flow(UserIDRange(owner), PortRange($0)) }
        }
    }
}

extension NftValue {
    /// Creates a value; a range of one port becomes a single port.
    fileprivate init(_ ports: PortRange) {
        self = ports.first == ports.last ? .port(ports.first) : .ports(ports)
    }

    fileprivate init(_ owners: UserIDRange) {
        self = owners.first == owners.last ? .user(owners.first) : .users(owners)
    }
}

extension [AddressRange] {
    /// The prefixes of all ranges; nil if there are too many for matches.
    ///
    /// No prefix has length 0, which a comparison of bytes can't express.
    fileprivate var fewPrefixes: [IPPrefix]? {
        guard count <= SetLowering.mostMatches else { return nil }
        let prefixes = flatMap(\.prefixes).flatMap { prefix in
            prefix.length == 0 ? prefix.halves : [prefix]
        }
        return prefixes.count <= SetLowering.mostMatches ? prefixes : nil
    }
}

extension IPPrefix {
    /// Both halves of a block of more than one address.
    fileprivate var halves: [IPPrefix] {
        let upper = address.bits | UInt128(1) << UInt128(family.bitWidth - length - 1)
        return [address.bits, upper].compactMap {
            IPPrefix(IPAddress(family: family, bits: $0), length: length + 1)
        }
    }
}

extension TransportProtocol {
    /// The suffix of the name of a set for this protocol.
    private var mark: String { "_\(rawValue)" }

    /// Returns the name of the part of an IR set that is for this protocol.
    fileprivate func setName(_ name: SetName) -> String { name.text + mark }

    /// Returns the protocols that a set of owners and ports is for, according to its name.
    static func those(ofSet name: String) -> [TransportProtocol] {
        let named = allCases.filter {
            name.hasSuffix($0.mark) || name.hasSuffix($0.mark + NftSet.intervalMark)
        }
        return named.isEmpty ? allCases : named
    }
}
