import Addressing
import RuleIR

extension NormalRule {
    /// Whether one rule is a modification of the other: two of matches, effect and reason are
    /// equal.
    static func isAlike(_ one: NormalRule, _ other: NormalRule) -> Bool {
        let agreements = [
            one.lists == other.lists && one.others == other.others, one.effect == other.effect,
            one.rationale != nil && one.rationale == other.rationale,
        ].count { $0 }
        guard one.rationale == nil else { return agreements >= 2 }
        // Without a reason, rules are alike if the same fields have other values.
        return agreements > 0 && Set(one.lists.keys) == Set(other.lists.keys)
            && one.others.count == other.others.count
    }

    /// Whether both rules differ in addresses alone, as those of the two families do.
    func isTwin(of other: NormalRule) -> Bool {
        guard effect == other.effect, rationale == other.rationale, others == other.others,
            Set(lists.keys) == Set(other.lists.keys)
        else { return false }
        return lists.allSatisfy { field, values in
            switch field {
            case .source, .destination, .notSource, .notDestination: true
            case .sourcePort, .destinationPort, .flows: other.lists[field] == values
            }
        }
    }

    private var isOfAddresses: Bool {
        lists.keys.contains { field in
            switch field {
            case .source, .destination, .notSource, .notDestination: true
            case .sourcePort, .destinationPort, .flows: false
            }
        }
    }

    /// Returns the rule as the compiler would write it; its lists are added to `sets`.
    ///
    /// `family` is the only one that it is for, or nil.
    func written(for family: AddressFamily?, _ sets: inout [NamedSet]) -> Rule? {
        var matches: [Match] = []
        if let family, !isOfAddresses { matches.append(.family(family)) }
        if case .flows(let flows) = lists[.flows] {
            matches += Self.flow(flows, &sets)
        }
        for (field, isNegated) in [
            (Field.source, false), (.notSource, true), (.destination, false),
            (.notDestination, true),
        ] {
            guard case .addresses(let ranges) = lists[field] else { continue }
            guard let test = Self.test(ranges, isNegated, &sets) else { continue }
            matches.append(
                field == .source || field == .notSource ? .source(test) : .destination(test))
        }
        matches += others.sorted { "\($0)" < "\($1)" }.sorted { $0.rank < $1.rank }
        if case .ports(let ports) = lists[.sourcePort] {
            matches.append(.sourcePort(Self.test(ports, &sets)))
        }
        if case .ports(let ports) = lists[.destinationPort] {
            matches.append(.destinationPort(Self.test(ports, &sets)))
        }
        let action: Action
        switch effect {
        case .action(let only): action = only
        case .jump(let name):
            guard let name = ChainName(name.uppercased()) else { return nil }
            action = .jump(name)
        }
        return Rule(matches, then: action, because: rationale ?? Rationale("no comment", key: ""))
    }

    /// One owner with one range of ports is written as the compiler does.
    private static func flow(_ flows: [FlowRectangle], _ sets: inout [NamedSet]) -> [Match] {
        if flows.count == 1, let only = flows.first, only.owners.first == only.owners.last {
            var matches: [Match] = [.transport(only.transport)]
            if only.ports != .all { matches.append(.destinationPort(test([only.ports], &sets))) }
            return matches + [.owner(.is(only.owners.first))]
        }
        let flows = flows.map(\.flow)
        let set = NamedSet(
            .unnamed(flows), .ownedFlows(flows.map { .init($0, source: "loaded") }))
        sets.append(set)
        return [.ownedFlow(set.name)]
    }

    private static func test(_ ports: [PortRange], _ sets: inout [NamedSet]) -> PortTest {
        if ports.count == 1, let only = ports.first, only.first == only.last {
            return .port(only.first)
        }
        let set = NamedSet(.unnamed(ports), .ports(ports.map { .init($0, source: "loaded") }))
        sets.append(set)
        return .set(set.name)
    }

    private static func test(
        _ ranges: [AddressRange], _ isNegated: Bool, _ sets: inout [NamedSet]
    ) -> AddressTest? {
        guard let family = ranges.first?.family else { return nil }
        if ranges.count == 1, let prefix = ranges[0].prefix {
            return AddressTest(addresses: .prefix(prefix), isNegated: isNegated)
        }
        let prefixes = ranges.flatMap(\.prefixes)
        let set = NamedSet(
            .unnamed(prefixes), .addresses(family, prefixes.map { .init($0, source: "loaded") }))
        sets.append(set)
        return AddressTest(addresses: .set(set.name, family), isNegated: isNegated)
    }
}

extension Match {
    /// The position among the matches of a rule, as the compiler orders them.
    fileprivate var rank: Int {
        switch self {
        case .family: 0
        case .source, .destination: 1
        case .inputInterface: 2
        case .transport: 3
        case .outputInterface: 4
        case .sourcePort, .destinationPort: 5
        case .owner, .ownedFlow: 6
        case .connectionState: 7
        }
    }
}

/// The difference of two rules in the elements of one list.
struct ElementDifference {
    var added: [SetElement] = []
    var removed: [SetElement] = []

    /// Returns nil if anything else differs, too.
    init?(from old: NormalRule, to new: NormalRule) {
        guard old.effect == new.effect, old.rationale == new.rationale, old.others == new.others,
            Set(old.lists.keys) == Set(new.lists.keys)
        else { return nil }
        let fields = NormalRule.Field.allCases.filter { old.lists[$0] != new.lists[$0] }
        guard fields.count == 1, let field = fields.first else { return nil }
        switch (old.lists[field], new.lists[field]) {
        case (.addresses(let old), .addresses(let new)):
            added = Self.prefixes(new, without: old)
            removed = Self.prefixes(old, without: new)
        case (.ports(let old), .ports(let new)):
            added = PortRange.subtracting(old, from: new).map { .ports($0) }
            removed = PortRange.subtracting(new, from: old).map { .ports($0) }
        case (.flows(let old), .flows(let new)):
            let (gone, come) = (Set(old), Set(new))
            added = new.filter { !gone.contains($0) }.map { .flow($0) }
            removed = old.filter { !come.contains($0) }.map { .flow($0) }
        case (.addresses, _), (.ports, _), (.flows, _), (nil, _): return nil
        }
    }

    private static func prefixes(
        _ ranges: [AddressRange], without others: [AddressRange]
    ) -> [SetElement] {
        AddressRange.subtracting(others, from: ranges).flatMap(\.prefixes).map { .prefix($0) }
    }
}
