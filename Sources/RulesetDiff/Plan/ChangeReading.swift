import Addressing
import RuleIR

/// Finds the changes of each family, and joins those that are of one rule or of a rule and its twin.
struct ChangeReading {
    private let former: NormalPlan
    private let planned: NormalPlan
    private let plan: Ruleset
    private let plannedRules: [RuleLocation: Rule]
    private(set) var sets: [NamedSet] = []

    init(_ former: NormalPlan, _ planned: NormalPlan, _ plan: Ruleset) {
        self.former = former
        self.planned = planned
        self.plan = plan
        plannedRules = Dictionary(
            plan.locatedRules.map { ($0.location, $0.rule) }
        ) { first, _ in first }
    }

    /// Returns the changes in the order of the plan; those of lists that are only loaded come last.
    mutating func changes() -> [PlanChange] {
        var edits: [(list: PlanList, edits: [Edit])] = lists.map { list in
            (list, AddressFamily.allCases.flatMap { self.edits(of: list, for: $0) })
        }
        Self.cancelMovesOfBypasses(&edits)
        var changes: [PlanChange] = []
        for (list, edits) in edits { changes += joined(edits, in: list) }
        return changes
    }

    /// Removes bypasses that only change their segment: they have the same effect in both.
    private static func cancelMovesOfBypasses(_ edits: inout [(list: PlanList, edits: [Edit])]) {
        for one in edits.indices {
            for other in edits.indices where edits[one].list.isOtherSegment(of: edits[other].list) {
                var added = edits[other].edits
                var kept: [Edit] = []
                for edit in edits[one].edits {
                    let twin = added.firstIndex { edit.isBypass(returningAs: $0) }
                    if let twin { added.remove(at: twin) } else { kept.append(edit) }
                }
                edits[one].edits = kept
                edits[other].edits = added
            }
        }
    }

    /// A change for one family.
    private struct Edit {
        var kind: PlanChange.Kind
        var family: AddressFamily
        /// The place of the planned rule, or of the one before a removed rule.
        var place: Int
        var new: PlacedRule?
        var old: PlacedRule?

        /// Whether this is the removal of a bypass that `addition` adds elsewhere.
        func isBypass(returningAs addition: Edit) -> Bool {
            guard kind == .removed, addition.kind == .added, family == addition.family,
                let old = old?.rule
            else { return false }
            return old.effect == .action(.return) && addition.new?.rule == old
        }
    }

    private var lists: [PlanList] {
        var seen: Set<PlanList> = []
        return [planned, former].flatMap { plan in
            plan.families.flatMap { plan.rules[$0] ?? [] }.map(\.list)
        }.filter { seen.insert($0).inserted }
    }

    private func edits(of list: PlanList, for family: AddressFamily) -> [Edit] {
        let old = former.rules(of: list, for: family)
        let new = planned.rules(of: list, for: family)
        let comparison = SequenceComparison(
            old.map(\.rule), new.map(\.rule), isAlike: NormalRule.isAlike)
        // Without a family, its rules stay for the other one.
        let isNew = !former.families.contains(family)
        let isGone = !planned.families.contains(family)
        let others = AddressFamily.allCases.filter { $0 != family }.flatMap { other in
            (isNew ? planned : former).rules(of: list, for: other).map(\.rule)
        }
        var edits: [Edit] = []
        var place = -1
        for edit in comparison.edits {
            switch edit {
            case .added(let index):
                place = new[index].places.first ?? place
                if isNew, others.contains(new[index].rule) { continue }
                edits.append(
                    Edit(kind: .added, family: family, place: place, new: new[index]))
            case .removed(let index):
                if isGone, others.contains(old[index].rule) { continue }
                edits.append(
                    Edit(kind: .removed, family: family, place: place, old: old[index]))
            case .moved(_, let index):
                place = new[index].places.first ?? place
                edits.append(
                    Edit(kind: .moved, family: family, place: place, new: new[index]))
            case .changed(let from, let to):
                place = new[to].places.first ?? place
                edits.append(
                    Edit(
                        kind: .changed, family: family, place: place, new: new[to],
                        old: old[from]))
            }
        }
        return edits
    }

    // MARK: One line for both families

    private mutating func joined(_ edits: [Edit], in list: PlanList) -> [PlanChange] {
        var groups: [[Edit]] = []
        for edit in edits {
            let group = groups.firstIndex { group in
                group.count == 1 && group[0].family != edit.family
                    && segment(of: group[0]) == segment(of: edit)
                    && Self.isOne(group[0], edit, located(group[0]), located(edit))
            }
            if let group { groups[group].append(edit) } else { groups.append([edit]) }
        }
        let ordered = groups.enumerated().sorted { one, other in
            (one.element[0].place, one.offset) < (other.element[0].place, other.offset)
        }
        return ordered.compactMap { change($0.element, in: list) }
    }

    /// Whether both are one change: of the same rules, or of rules that are twins.
    private static func isOne(
        _ one: Edit, _ other: Edit, _ rules: [Rule], _ others: [Rule]
    ) -> Bool {
        if let new = one.new, let second = other.new {
            if new.places == second.places { return true }
            guard one.kind == other.kind else { return false }
            return rules.count == others.count
                && zip(rules, others).allSatisfy { $0.isTwin(of: $1) }
        }
        guard one.new == nil, other.new == nil, let old = one.old, let second = other.old else {
            return false
        }
        return old.rule == second.rule || old.rule.isTwin(of: second.rule)
    }

    /// The chain or segment of the planned rule: iptables has both segments in one list.
    private func segment(of edit: Edit) -> RuleLocation.List? {
        edit.new?.places.first.map { planned.locations[$0].list }
    }

    private func located(_ edit: Edit) -> [Rule] {
        (edit.new?.places ?? []).compactMap { plannedRules[planned.locations[$0]] }
    }

    private mutating func change(_ edits: [Edit], in list: PlanList) -> PlanChange? {
        var places: [Int] = []
        for place in edits.flatMap({ $0.new?.places ?? [] }) where !places.contains(place) {
            places.append(place)
        }
        places.sort()
        let locations = places.map { planned.locations[$0] }
        guard let name = locations.first?.list ?? list.location else { return nil }
        // A rule of both families that only one of them lacks is changed.
        let kinds = Set(edits.map(\.kind))
        var kind = kinds.count == 1 ? edits[0].kind : .changed
        if kind == .added, edits.count == 1, isLoaded(forOtherThan: edits[0], in: list) {
            kind = .changed
        }
        var change = PlanChange(
            kind: kind, list: name, numbers: locations.map { $0.index + 1 },
            rules: locations.compactMap { plannedRules[$0] }, former: [], added: [], removed: [])
        let olds = edits.compactMap(\.old)
        var distinct: [NormalRule] = []
        var former: [Rule] = []
        for (index, old) in olds.enumerated() where !distinct.contains(old.rule) {
            distinct.append(old.rule)
            let isOfBoth = edits.count > 1 && edits[0].old?.rule == edits[1].old?.rule
            let rule = old.rule.written(
                for: isOfBoth || self.former.families.count == 1 ? nil : edits[index].family,
                &sets)
            if let rule { former.append(rule) }
        }
        if kind == .removed {
            change.rules = former
        } else {
            change.former = former
            let pairs = edits.map { ($0.old, $0.new) }
            for case (let old?, let new?) in pairs {
                guard let difference = ElementDifference(from: old.rule, to: new.rule) else {
                    change.added = []
                    change.removed = []
                    break
                }
                for element in difference.added where !change.added.contains(element) {
                    change.added.append(element)
                }
                for element in difference.removed where !change.removed.contains(element) {
                    change.removed.append(element)
                }
            }
        }
        return change
    }

    /// Whether the rule stays as it is for the other family.
    private func isLoaded(forOtherThan edit: Edit, in list: PlanList) -> Bool {
        AddressFamily.allCases.contains { family in
            family != edit.family
                && former.rules(of: list, for: family).contains { $0.rule == edit.new?.rule }
                && planned.rules(of: list, for: family).contains {
                    $0.places == edit.new?.places
                }
        }
    }
}

extension NormalPlan {
    func rules(of list: PlanList, for family: AddressFamily) -> [PlacedRule] {
        rules[family]?.first { $0.list == list }?.rules ?? []
    }
}
