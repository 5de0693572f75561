import Addressing
import RuleIR

/// The packets that two rulesets treat differently.
///
/// A change says of the packets of its pattern: those that get the first treatment from the former
/// rules get the second from the new ones. Together, the changes cover every packet that is treated
/// differently, and no other.
package struct TrafficChanges: Hashable, Sendable {
    package struct Change: Hashable, Sendable {
        package var before: Treatment
        package var after: Treatment
        /// The packets; it may contain others, which don't get the treatment `before`.
        package var pattern: PacketRegion
        /// A packet of the pattern that gets `before` and then `after`.
        package var example: Packet
    }

    /// The changes, the most general patterns first.
    package var changes: [Change]
    /// Rules of unknown effect that packets may meet; the changes are wrong for those that do.
    package var doubts: [TracedRule]

    package init(changes: [Change], doubts: [TracedRule]) {
        self.changes = changes
        self.doubts = doubts
    }
}

extension RuleTrace {
    /// Compares the treatment of all packets by these rules with that by others.
    ///
    /// `addresses` are those of the host, which decide which packets can occur. `limit` is the
    /// maximum number of rule evaluations for regions, and of pairs of regions.
    package func trafficChanges(
        to after: RuleTrace, on addresses: LocalAddresses, limit: Int = 8_000_000
    ) throws(TooComplex) -> TrafficChanges {
        var comparison = TrafficComparison(from: self, to: after, on: addresses, limit: limit)
        for family in AddressFamily.allCases { try comparison.compare(family) }
        return comparison.result
    }
}

/// The comparison of two rulesets for all packets.
struct TrafficComparison {
    private struct Kind: Hashable {
        var before: Treatment
        var after: Treatment
    }

    /// A change of the packets of one family and class.
    private struct Part {
        var kind: Kind
        var pattern: PacketRegion
        var example: Packet
    }

    private let before: RuleTrace
    private let after: RuleTrace
    private let addresses: LocalAddresses
    /// The remaining number of rule evaluations and pairs of regions.
    private var work: Int
    private var parts: [Part] = []
    private var doubts: [TracedRule] = []

    init(
        from before: RuleTrace, to after: RuleTrace, on addresses: LocalAddresses, limit: Int
    ) {
        work = limit
        self.before = before
        self.after = after
        self.addresses = addresses
    }

    mutating func compare(_ family: AddressFamily) throws(RuleTrace.TooComplex) {
        var everything = PacketRegion()
        everything.states = ConnectionState.allCases
        let space = RegionSpace(family, [before, after], everything, addresses)
        for packets in everything.classes {
            let whole = space.regions(of: everything, packets.direction, addresses)
            let former = try states(of: before, number: 0, space, packets, whole)
            let new = try states(of: after, number: 1, space, packets, whole)
            let view = RegionView(space, packets, whole: whole)
            for aspect in Treatment.Aspect.allCases where aspect.matters(in: packets.state) {
                let changed = try changes(
                    Self.parts(former, by: aspect), Self.parts(new, by: aspect), view)
                parts += changed.map { kind, patterns in
                    Part(
                        kind: kind, pattern: view.region(patterns.pattern),
                        example: Witness(space, packets).packet(of: patterns.example))
                }
            }
        }
    }

    private mutating func states(
        of trace: RuleTrace, number: Int, _ space: RegionSpace, _ packets: PacketClass,
        _ whole: [Region]
    ) throws(RuleTrace.TooComplex) -> [RegionState] {
        var evaluator = SymbolicEvaluator(
            space, packets, trace, number: number, .treatments, limit: work)
        guard let states = evaluator.run(whole) else { throw RuleTrace.TooComplex() }
        work -= evaluator.cuts
        for rule in states.flatMap(\.doubts) where !doubts.contains(rule) { doubts.append(rule) }
        return states
    }

    private typealias Treated = (treatment: Treatment, regions: [Region])

    /// Returns the packets by their treatment, in the fewest regions.
    private static func parts(
        _ states: [RegionState], by aspect: Treatment.Aspect
    ) -> [Treated] {
        var order: [Treatment] = []
        var regions: [Treatment: [Region]] = [:]
        for state in states {
            let treatment = aspect.treatment(state.outcome, zone: state.zone)
            if regions[treatment] == nil { order.append(treatment) }
            regions[treatment, default: []].append(state.region)
        }
        return order.map { ($0, (regions[$0] ?? []).merged()) }
    }

    private mutating func changes(
        _ former: [Treated], _ new: [Treated], _ view: RegionView
    ) throws(RuleTrace.TooComplex) -> [(Kind, ChangePatterns.Pattern)] {
        var found: [(Kind, ChangePatterns.Pattern)] = []
        for from in former {
            for to in new where to.treatment != from.treatment {
                let changed = try common(from.regions, to.regions)
                guard !changed.isEmpty else { continue }
                var others: [Region] = []
                for other in new where other.treatment != to.treatment {
                    others += try common(from.regions, other.regions)
                }
                let kind = Kind(before: from.treatment, after: to.treatment)
                found += ChangePatterns(changed, but: others, view).patterns.map { (kind, $0) }
            }
        }
        return found
    }

    /// Returns the packets that are in regions of both lists.
    private mutating func common(
        _ some: [Region], _ others: [Region]
    ) throws(RuleTrace.TooComplex) -> [Region] {
        work -= some.count * others.count
        guard work >= 0 else { throw RuleTrace.TooComplex() }
        return some.flatMap { one in others.compactMap { one.intersection($0) } }.merged()
    }

    var result: TrafficChanges {
        var kinds: [Kind] = []
        for part in parts where !kinds.contains(part.kind) { kinds.append(part.kind) }
        let changes = kinds.flatMap { kind in
            let ofKind = parts.filter { $0.kind == kind }
            return ofKind.map(\.pattern).merged().compactMap { pattern in
                ofKind.first { pattern.hasMerged($0.pattern) }.map {
                    TrafficChanges.Change(
                        before: kind.before, after: kind.after, pattern: pattern,
                        example: $0.example)
                }
            }
        }
        let sorted = changes.enumerated().sorted {
            ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset)
        }.map(\.element)
        return TrafficChanges(changes: sorted, doubts: doubts)
    }
}

extension TrafficChanges.Change {
    /// A number by which the changes are sorted: zones last, general patterns first.
    fileprivate var rank: Int {
        if case .zone = before { return pattern.narrowness + 1000 }
        return pattern.narrowness
    }
}

extension PacketRegion {
    /// The number of properties in which the packets are limited.
    fileprivate var narrowness: Int {
        let values = [
            source != nil, sourcePort != nil, destination != nil, destinationPort != nil,
            owner != nil, interface != nil,
        ]
        let others = [directions.count == 1, families.count == 1, transports.count == 1]
        return (values + others).count { $0 }
    }

    /// Whether the other region is one of those that were merged into this one.
    fileprivate func hasMerged(_ other: PacketRegion) -> Bool {
        var limited = self
        limited.states = other.states
        limited.families = other.families
        limited.transports = other.transports
        limited.directions = other.directions
        return limited == other && Set(other.states).isSubset(of: states)
            && Set(other.families).isSubset(of: families)
            && Set(other.transports).isSubset(of: transports)
            && Set(other.directions).isSubset(of: directions)
    }
}
