package import Addressing
package import RuleIR

/// A plan in its normal form: for each family, what stands in each list.
///
/// Rules that differ in one list of values are one rule, however a backend wrote them. The forms of
/// a plan and of the rules that a backend loads for it are equal.
package struct NormalPlan: Hashable, Sendable {
    /// The rules of one list for one family.
    struct Rules: Hashable, Sendable {
        var list: PlanList
        var rules: [PlacedRule]
    }

    package let families: [AddressFamily]
    private(set) var rules: [AddressFamily: [Rules]]
    /// The location of each place in `PlacedRule`; nil for rules that were read from a backend.
    private(set) var locations: [RuleLocation]

    /// Creates the form of a plan.
    ///
    /// `hasReasons` is false if reasons and keys aren't compared.
    package init(_ ruleset: Ruleset, _ form: PlanForm, hasReasons: Bool) {
        families = ruleset.families
        let sets = SetValues(ruleset.sets)
        var locations: [RuleLocation] = []
        var lists: [(PlanList, [(Rule, Int)])] = []
        func add(_ rules: [(Rule, RuleLocation)], _ list: PlanList) {
            lists.append(
                (
                    list,
                    rules.map { rule, location in
                        locations.append(location)
                        return (rule, locations.count - 1)
                    }
                ))
        }
        let ruleset = form == .ebpf ? ruleset.ofSockets : ruleset
        for base in ruleset.baseChains {
            for (list, rules) in base.lists(form) { add(rules, list) }
        }
        for chain in ruleset.chains {
            add(
                chain.rules.enumerated().map {
                    ($0.element, RuleLocation(.chain(chain.name), $0.offset))
                }, .chain(chain.name))
        }
        rules = [:]
        for family in ruleset.families {
            rules[family] = lists.map { list, rules in
                let placed = rules.compactMap { rule, place in
                    NormalRule(
                        rule.matches, rule.action.effect(form, family),
                        hasReasons ? rule.rationale : nil, for: family, sets
                    ).map { PlacedRule(rule: $0, places: [place]) }
                }
                return Rules(list: list, rules: RuleRuns.joining(placed))
            }.filter { !$0.rules.isEmpty }
        }
        self.locations = locations
    }

    /// Reads the form of loaded rules; nil if no plan would give them.
    package init?(_ listed: ListedRules, hasReasons: Bool) {
        guard let lists = ListedLists(listed) else { return nil }
        families = lists.families
        locations = []
        let sets = SetValues(listed.tables)
        var read: [AddressFamily: [(PlanList, [PlacedRule])]] = [:]
        for (list, families, rows) in lists.rows {
            for family in families {
                let placed = rows.enumerated().compactMap { index, row in
                    NormalRule(
                        row.matches, row.effect, hasReasons ? row.rationale : nil, for: family,
                        sets
                    ).map { PlacedRule(rule: $0, places: [index]) }
                }
                read[family, default: []].append((list, placed))
            }
        }
        rules = [:]
        for (family, lists) in read {
            guard let own = Self.withoutCopies(lists) else { return nil }
            rules[family] = own.map { list, placed in
                Rules(list: list, rules: RuleRuns.joining(placed))
            }.filter { !$0.rules.isEmpty }
        }
    }

    /// Removes the bypasses of `first` from the start of `last`, where nftables needs them again;
    /// nil if they aren't there.
    private static func withoutCopies(
        _ lists: [(PlanList, [PlacedRule])]
    ) -> [(PlanList, [PlacedRule])]? {
        var lists = lists
        for (list, rules) in lists {
            guard case .base(let stage, let hook, isFirst: true) = list.kind,
                let last = lists.firstIndex(where: {
                    $0.0 == PlanList(stage, hook, isFirst: false)
                })
            else { continue }
            let copies = rules.map(\.rule).filter { $0.effect == .action(.return) }
            guard lists[last].1.map(\.rule).starts(with: copies) else { return nil }
            lists[last].1.removeFirst(copies.count)
        }
        return lists
    }

    /// Returns the form with the locations and the order of `plan`, which must have the same rules; nil if it
    /// doesn't.
    ///
    /// Elements may be missing: a backend may leave out those that two forms share.
    package func located(in plan: NormalPlan) -> NormalPlan? {
        var located = self
        located.locations = plan.locations
        guard families == plan.families else { return nil }
        for family in families {
            let theirs = plan.rules[family] ?? []
            let own = rules[family] ?? []
            guard own.count == theirs.count else { return nil }
            var ordered: [Rules] = []
            for other in theirs {
                guard var found = own.first(where: { $0.list == other.list }),
                    found.rules.count == other.rules.count
                else { return nil }
                for rule in found.rules.indices {
                    guard found.rules[rule].rule.effect == other.rules[rule].rule.effect else {
                        return nil
                    }
                    found.rules[rule].places = other.rules[rule].places
                }
                ordered.append(found)
            }
            located.rules[family] = ordered
        }
        return located
    }
}

extension BaseChain {
    /// The rules as a backend of this form keeps them apart.
    fileprivate func lists(_ form: PlanForm) -> [(PlanList, [(Rule, RuleLocation)])] {
        let first = first.enumerated().map {
            ($0.element, RuleLocation(.first(stage, hook), $0.offset))
        }
        let last = last.enumerated().map {
            ($0.element, RuleLocation(.last(stage, hook), $0.offset))
        }
        switch form {
        case .nftables:
            return [
                (PlanList(stage, hook, isFirst: true), Array(first[early.indices])),
                (
                    PlanList(stage, hook, isFirst: false),
                    Array(first[early.endIndex...]) + last
                ),
            ]
        case .iptables, .ebpf: return [(PlanList(stage, hook, isFirst: nil), first + last)]
        }
    }
}

extension Action {
    /// The effect, as far as a backend tells it from others.
    fileprivate func effect(_ form: PlanForm, _ family: AddressFamily) -> NormalRule.Effect {
        switch self {
        case .jump(let name): .jump(name.text.lowercased())
        case .yieldToDockerDNS where form != .iptables || family == .ipv6: .action(.return)
        case .yieldToDockerDNS, .return, .redirect, .drop, .log, .conntrackZone: .action(self)
        }
    }
}
