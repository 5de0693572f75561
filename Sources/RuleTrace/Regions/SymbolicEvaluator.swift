import Addressing
import RuleIR

/// Evaluates the rules for all packets of a region at once.
///
/// The results are those of `PacketEvaluator`. Where a rule distinguishes packets of a region, the
/// region is split.
struct SymbolicEvaluator {
    /// What is recorded for a region.
    enum Detail {
        /// The outcome and the rule that decides it.
        case rules
        /// What happens to the packets, without the rules that cause it, and their conntrack zone.
        ///
        /// Regions that different rules treat alike are merged.
        case treatments
    }

    /// The maximum number of rule evaluations for regions; a ruleset of ours needs some thousands.
    static let maximumCuts = 2_000_000

    /// The result of a list of rules, as the packets that left it in each way.
    private struct Flow {
        /// The end of the list was reached.
        var ranOut: [RegionState] = []
        /// A rule returned.
        var returned: [RegionState] = []
        /// Evaluation of the base chain ended.
        var ended: [RegionState] = []
    }

    private let space: RegionSpace
    private let packets: PacketClass
    private let rules: HookRules
    private let sets: SetIndex
    /// The number of the rules in the space.
    private let number: Int
    private let detail: Detail
    private let limit: Int
    private var known: [Match: RegionSpace.Condition] = [:]
    private var settled: [RegionState] = []
    /// The number of rule evaluations so far.
    private(set) var cuts = 0

    /// Creates an evaluator of the rules that have `number` in the space; `limit` bounds its work.
    init(
        _ space: RegionSpace, _ packets: PacketClass, _ trace: RuleTrace, number: Int = 0,
        _ detail: Detail, limit: Int = Self.maximumCuts
    ) {
        self.space = space
        self.packets = packets
        rules = trace.rules
        sets = trace.sets
        self.number = number
        self.detail = detail
        self.limit = limit
    }

    /// Returns the packets of `regions` in regions with one outcome each; nil if there are too
    /// many.
    mutating func run(_ regions: [Region]) -> [RegionState]? {
        let hook: Hook = packets.direction == .incoming ? .prerouting : .output
        var states = regions.map(RegionState.init)
        for base in rules.bases where base.hook == hook {
            guard base.families.contains(space.family) else { continue }
            // Only the first packet of a connection traverses nat chains.
            if base.isNAT, packets.state != .new { continue }
            let passing = base.isNAT ? states.filter(\.isTranslated) : []
            let flow = run(
                base.rules, base.isNAT ? states.filter { !$0.isTranslated } : states,
                isNAT: base.isNAT, depth: 0)
            states = (passing + flow.ranOut + flow.returned + flow.ended).merged()
            guard cuts <= limit else { return nil }
        }
        return (settled + states).merged()
    }

    private mutating func run(
        _ list: [TracedRule], _ start: [RegionState], isNAT: Bool, depth: Int
    ) -> Flow {
        var flow = Flow()
        var states = start
        // Merging is worth its time only if the regions have become many.
        var many = 8
        for rule in list where !states.isEmpty {
            cuts += states.count
            guard cuts <= limit else { break }
            var (met, rest) = split(states, by: rule.matches)
            guard !met.isEmpty else { continue }
            guard rule.isComplete, rule.conditions.isEmpty else {
                if !rule.action.isHarmless { met.doubt(rule) }
                states = rest + met
                continue
            }
            switch rule.action {
            case .log, .aside: rest += met
            case .return:
                if isNAT { bypassed(&met, by: rule) }
                flow.returned += met
            case .accept, .yieldToDockerDNS:
                if isNAT { bypassed(&met, by: rule) }
                flow.ended += met
            case .conntrackZone(let zone, let ends):
                if detail == .treatments { met.assign(zone) }
                if ends { flow.ended += met } else { rest += met }
            case .redirect(let port):
                decide(&met, .redirected(to: port), by: rule)
                let target = space.target(port, packets.direction)
                flow.ended += met.map { changed($0, target) }
            case .translate(let address, let port):
                decide(&met, .translated(to: address, port), by: rule)
                // Later rules see a destination that the listing doesn't show.
                if address == nil, port == nil { met.doubt(rule) }
                flow.ended += met.map { changed($0, space.target(address, port)) }
            case .drop:
                decide(&met, .dropped, by: rule)
                settled += met
            case .unknown, .oneOf:
                met.doubt(rule)
                rest += met
            case .jump(let name), .goto(let name):
                guard depth < PacketEvaluator.maximumDepth, let target = rules.chains[name] else {
                    met.doubt(rule)
                    rest += met
                    break
                }
                let inner = run(target, met, isNAT: isNAT, depth: depth + 1)
                flow.ended += inner.ended
                if case .goto = rule.action {
                    flow.returned += inner.ranOut + inner.returned
                } else {
                    rest += inner.ranOut + inner.returned
                }
            }
            states = rest
            if states.count > many {
                states = states.merged()
                many = max(8, 2 * states.count)
            }
        }
        flow.ranOut = states
        return flow
    }

    private func decide(
        _ states: inout [RegionState], _ outcome: Explanation.Outcome, by rule: TracedRule
    ) {
        for index in states.indices {
            states[index].outcome = outcome
            if detail == .rules { states[index].decisive = rule }
        }
    }

    private func bypassed(_ states: inout [RegionState], by rule: TracedRule) {
        guard detail == .rules else { return }
        for index in states.indices where !states[index].isTranslated {
            states[index].outcome = .bypassed
            states[index].decisive = rule
        }
    }

    private func changed(
        _ state: RegionState, _ target: [Dimension: AtomSet]
    ) -> RegionState {
        var state = state
        state.changed = target
        return state
    }

    /// Splits packets by whether all matches hold.
    private mutating func split(
        _ states: [RegionState], by matches: [Match]
    ) -> (met: [RegionState], rest: [RegionState]) {
        var met = states
        var rest: [RegionState] = []
        for match in matches {
            switch condition(match) {
            case .always: continue
            case .never: return ([], states)
            case .atoms(let dimension, let atoms):
                met = met.compactMap { state in
                    let (inside, outside) = state.cut(dimension, atoms)
                    if let outside { rest.append(outside) }
                    return inside
                }
            case .flows(let flows):
                var within: [RegionState] = []
                for flow in flows {
                    met = met.compactMap { state in
                        let (owned, others) = state.cut(.owner, flow.owners)
                        if let owned {
                            let (inside, outside) = owned.cut(.destinationPort, flow.ports)
                            if let inside { within.append(inside) }
                            if let outside { rest.append(outside) }
                        }
                        return others
                    }
                }
                rest += met
                met = within
            }
        }
        return (met, rest)
    }

    private mutating func condition(_ match: Match) -> RegionSpace.Condition {
        if let condition = known[match] { return condition }
        let condition = space.condition(match, packets, of: number, sets)
        known[match] = condition
        return condition
    }
}

extension [RegionState] {
    fileprivate mutating func doubt(_ rule: TracedRule) {
        for index in indices {
            self[index].doubts.append(rule)
        }
    }

    fileprivate mutating func assign(_ zone: UInt16) {
        for index in indices where self[index].zone == 0 {
            self[index].zone = zone
        }
    }
}

extension RegionSpace {
    /// Returns the values that a redirect changes, as `PacketEvaluator` does.
    fileprivate func target(
        _ port: Port, _ direction: Packet.Direction
    ) -> [Dimension: AtomSet] {
        // The chains of output still see the interface of the first route.
        target(direction == .outgoing ? .localhost(family) : nil, port)
    }

    fileprivate func target(_ address: IPAddress?, _ port: Port?) -> [Dimension: AtomSet] {
        var changed: [Dimension: AtomSet] = [:]
        if let port {
            changed[.destinationPort] = AtomSet(count: destinationPort.count)
                .inserting(destinationPort.atom(of: UInt128(port.number)))
        }
        if let address {
            changed[.destination] = AtomSet(count: destination.count)
                .inserting(destination.atom(of: address.bits))
        }
        return changed
    }
}
