import Addressing
package import RuleIR

/// Loaded rules, read as the plan that they were made from.
package struct LoadedPlan: Sendable {
    /// A rule of the plan, with all listed rules that stand for it.
    package struct Line: Hashable, Sendable {
        /// The chain or segment: `chain OUTBOUND`, `nat output first`.
        package var list: String
        package var isBase: Bool
        /// The matches of the first listed rule.
        package var matches: [Match]
        package var action: Action
        /// Nil for rules without comments.
        package var rationale: Rationale?
        /// The listed rules that count its packets.
        package var places: [ListedPlace]
    }

    /// The rules in the order of the hooks and chains.
    package let lines: [Line]
    /// A ruleset with the same meaning; each family has rules of its own.
    package let ruleset: Ruleset

    /// Reads the rules; nil if no plan would give them.
    package init?(_ listed: ListedRules) {
        guard let lists = ListedLists(listed), let plan = NormalPlan(listed, hasReasons: true)
        else { return nil }
        lines = Self.lines(lists, listed)
        ruleset = plan.ruleset
    }

    private static func lines(_ lists: ListedLists, _ listed: ListedRules) -> [Line] {
        var lines: [[Line]] = []
        var order: [PlanList: Int] = [:]
        for (list, _, rows) in lists.rows {
            let index = order[list] ?? lines.count
            if order.updateValue(index, forKey: list) == nil { lines.append([]) }
            let copies = lists.copies(in: list)
            for row in rows.dropFirst(copies) {
                guard let line = Line(row, list) else { continue }
                if let same = lines[index].firstIndex(where: { $0.isSame(as: line) }) {
                    lines[index][same].places += line.places
                } else {
                    lines[index].append(line)
                }
            }
        }
        let ordered = order.sorted { one, other in
            (one.key.rank, one.value) < (other.key.rank, other.value)
        }
        return ordered.flatMap { lines[$0.value] }
    }
}

extension LoadedPlan.Line {
    fileprivate init?(_ row: ListedLists.Row, _ list: PlanList) {
        let action: Action
        switch row.effect {
        case .action(let only): action = only
        case .jump(let name):
            guard let name = ChainName(name.uppercased()) else { return nil }
            action = .jump(name)
        }
        self.init(
            list: list.text, isBase: list.isBase, matches: row.matches, action: action,
            rationale: row.comment == nil ? nil : row.rationale, places: [row.place])
    }

    /// Whether both are of one rule: their reasons say so, or they are equal for both families.
    fileprivate func isSame(as other: Self) -> Bool {
        guard action == other.action, rationale == other.rationale else { return false }
        return rationale != nil || matches == other.matches
    }
}

extension ListedLists {
    /// The number of rows at the start of `list` that repeat bypasses of the first segment.
    fileprivate func copies(in list: PlanList) -> Int {
        guard case .base(let stage, let hook, isFirst: false) = list.kind,
            let first = rows.first(where: { $0.list == PlanList(stage, hook, isFirst: true) }),
            let own = rows.first(where: { $0.list == list })
        else { return 0 }
        let bypasses = first.rows.filter { $0.effect == .action(.return) }
        let isCopied = zip(bypasses, own.rows).allSatisfy {
            $0.matches == $1.matches && $0.comment == $1.comment && $0.effect == $1.effect
        }
        return isCopied ? min(bypasses.count, own.rows.count) : 0
    }
}

extension PlanList {
    /// The list as text; both segments of a base chain have no more than its name.
    fileprivate var text: String {
        switch kind {
        case .base(let stage, let hook, isFirst: nil): "\(stage.rawValue) \(hook.rawValue)"
        case .base, .chain: location?.description ?? ""
        }
    }

    fileprivate var isBase: Bool {
        switch kind {
        case .base: true
        case .chain: false
        }
    }

    /// The position in a report: hooks before regular chains.
    fileprivate var rank: Int {
        switch kind {
        case .base(_, .output, _): 0
        case .base(_, .prerouting, _): 1
        case .chain: 2
        }
    }
}

extension NormalPlan {
    /// A ruleset with the same meaning, in which each family has rules of its own.
    fileprivate var ruleset: Ruleset {
        var ruleset = Ruleset(instance: .mesh, families: families)
        for family in families {
            let only = families.count > 1 ? family : nil
            for list in rules[family] ?? [] {
                let rules = list.rules.compactMap {
                    $0.rule.written(for: only, &ruleset.sets)
                }
                ruleset.add(rules, to: list.list)
            }
        }
        return ruleset
    }
}

extension Ruleset {
    fileprivate mutating func add(_ rules: [Rule], to list: PlanList) {
        switch list.kind {
        case .base(let stage, let hook, let isFirst):
            let index =
                baseChains.firstIndex { $0.stage == stage && $0.hook == hook }
                ?? baseChains.count
            if index == baseChains.count { baseChains.append(BaseChain(stage, hook)) }
            if isFirst == true {
                baseChains[index].first += rules
            } else {
                baseChains[index].last += rules
            }
        case .chain(let name):
            guard let name = ChainName(name.uppercased()) else { return }
            if let index = chains.firstIndex(where: { $0.name == name }) {
                chains[index].rules += rules
            } else {
                chains.append(Chain(name, .nat, rules))
            }
        }
    }
}
