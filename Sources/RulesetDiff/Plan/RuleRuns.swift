import Addressing
import RuleIR

/// A rule in its normal form, with the places of the rules that it was made from.
struct PlacedRule: Hashable, Sendable {
    var rule: NormalRule
    /// The places in the list that it comes from, in order.
    var places: [Int]
}

/// Joins rules that a backend made from one: neighbours that differ in one list of values.
///
/// The plan's own rules are joined in the same way, so that both forms are equal.
struct RuleRuns {
    fileprivate var runs: [Run] = []

    /// A joined rule whose values aren't sorted yet, since a list may have 100,000 elements.
    fileprivate struct Run {
        var placed: PlacedRule
        /// The field in which the joined rules differ; nil while they are equal.
        var field: NormalRule.Field?
        var values: [NormalRule.Values] = []
        /// Whether one of the joined rules has no match on the field.
        var matchesAll = false
    }

    static func joining(_ rules: [PlacedRule]) -> [PlacedRule] {
        var joined = rules
        var count = Int.max
        // Each pass joins the lists of one match; a rule has few.
        while joined.count < count {
            count = joined.count
            var runs = RuleRuns()
            for rule in joined { runs.add(rule) }
            joined = runs.runs.map(\.joined)
        }
        return joined
    }

    private mutating func add(_ next: PlacedRule) {
        guard let last = runs.indices.last, runs[last].take(next) else {
            runs.append(Run(placed: next))
            return
        }
    }
}

extension RuleRuns.Run {
    /// Joins the rule, if it differs in the field of this run alone.
    fileprivate mutating func take(_ next: PlacedRule) -> Bool {
        let (one, other) = (placed.rule, next.rule)
        guard one.effect == other.effect, one.rationale == other.rationale,
            one.others == other.others
        else { return false }
        if let field {
            let isSame = NormalRule.Field.allCases.allSatisfy {
                $0 == field || one.lists[$0] == other.lists[$0]
            }
            guard isSame else { return false }
            add(other.lists[field])
        } else {
            let differing = NormalRule.Field.allCases.filter { one.lists[$0] != other.lists[$0] }
            guard differing.count < 2 else { return false }
            if let only = differing.first {
                guard only.isJoined else { return false }
                field = only
                add(one.lists[only])
                add(other.lists[only])
            }
        }
        placed.places += next.places
        return true
    }

    private mutating func add(_ value: NormalRule.Values?) {
        if let value { values.append(value) } else { matchesAll = true }
    }

    fileprivate var joined: PlacedRule {
        guard let field else { return placed }
        var joined = placed
        joined.rule.lists[field] = matchesAll ? nil : NormalRule.Values(joining: values)
        joined.rule.dropIfAll(field)
        return joined
    }
}

extension NormalRule.Field {
    /// Whether two rules that match some values each can be one that matches them all.
    fileprivate var isJoined: Bool {
        switch self {
        case .source, .destination, .sourcePort, .destinationPort, .flows: true
        case .notSource, .notDestination: false
        }
    }
}

extension NormalRule.Values {
    /// Joins lists of one kind.
    fileprivate init(joining lists: [NormalRule.Values]) {
        var addresses: [AddressRange] = []
        var ports: [PortRange] = []
        var flows: [FlowRectangle] = []
        for list in lists {
            switch list {
            case .addresses(let ranges): addresses += ranges
            case .ports(let ranges): ports += ranges
            case .flows(let rectangles): flows += rectangles
            }
        }
        self =
            switch lists.first {
            case .addresses, nil: .addresses(AddressRange.merging(addresses))
            case .ports: .ports(PortRange.merging(ports))
            case .flows: .flows(FlowRectangles(flows.map(\.flow)).rectangles)
            }
    }
}

extension FlowRectangle {
    var flow: OwnedFlow {
        OwnedFlow(protocols: [transport], ports: [ports], owners: [owners])
    }
}
