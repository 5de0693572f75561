package import RuleIR

/// The differences between loaded and planned rules.
///
/// Both are listed rules of one backend. Rules are compared by meaning and not by text, sets by
/// their elements and not by notation.
package struct RulesetDiff: Hashable, Sendable {
    /// The chains that differ, in the order of the plan; then those that are only loaded.
    package var chains: [ChainDifference]
    /// The sets that differ, in the same order.
    package var sets: [SetDifference]

    package var isEmpty: Bool { chains.isEmpty && sets.isEmpty }

    /// Compares the rules; linear in rules and elements except for sorting.
    package init(from loaded: ListedRules, to planned: ListedRules) {
        chains = []
        sets = []
        for table in planned.tables {
            compare(loaded.tables.first { $0.name == table.name }, table)
        }
        for table in loaded.tables where !planned.tables.contains(where: { $0.name == table.name })
        {
            compare(table, nil)
        }
    }

    private mutating func compare(_ loaded: ListedTable?, _ planned: ListedTable?) {
        let former = ChainKeys(loaded)
        let new = ChainKeys(planned)
        for chain in planned?.chains ?? [] {
            let match = former.chain(new.key(of: chain.name))
            add(Self.differences(match, chain, former, new), in: planned)
        }
        for chain in loaded?.chains ?? [] where new.chain(former.key(of: chain.name)) == nil {
            add(Self.differences(chain, nil, former, new), in: loaded)
        }
        let formerSets = Self.named(loaded?.sets ?? [])
        let newSets = Self.named(planned?.sets ?? [])
        let names = (planned?.sets ?? []).map(\.name) + (loaded?.sets ?? []).map(\.name)
        var seen: Set<String> = []
        for name in names where seen.insert(name).inserted {
            let difference = SetDifference(
                table: planned?.name ?? loaded?.name ?? "", name: name, from: formerSets[name],
                to: newSets[name])
            if let difference { sets.append(difference) }
        }
    }

    private mutating func add(_ difference: ChainDifference?, in table: ListedTable?) {
        guard var difference else { return }
        difference.table = table?.name ?? ""
        chains.append(difference)
    }

    /// Returns the named sets; those that a rule itself contains are compared with the rule.
    private static func named(_ sets: [ListedSet]) -> [String: ListedSet] {
        Dictionary(
            sets.filter { !SetName($0.name).isUnnamed }.map { ($0.name, $0) }
        ) { first, _ in first }
    }

    private static func differences(
        _ loaded: ListedChain?, _ planned: ListedChain?, _ former: ChainKeys, _ new: ChainKeys
    ) -> ChainDifference? {
        let rules = RuleComparison(
            loaded: (loaded?.entries ?? []).map(former.normalized),
            planned: (planned?.entries ?? []).map(new.normalized)
        ).differences(loaded?.entries ?? [], planned?.entries ?? [])
        guard let chain = planned ?? loaded else { return nil }
        let presence: ChainDifference.Presence =
            switch (loaded, planned) {
            case (nil, _): .added
            case (_, nil): .removed
            case (_?, _?): .kept
            }
        let isElsewhere = presence == .kept && loaded?.attachment != planned?.attachment
        guard presence != .kept || isElsewhere || !rules.isEmpty else { return nil }
        return ChainDifference(
            table: "", name: chain.name, presence: presence,
            attachment: planned?.attachment ?? loaded?.attachment,
            formerAttachment: isElsewhere ? .some(loaded?.attachment) : nil, rules: rules)
    }
}

/// Pairs the chains of two tables by keys: their names, without the numbers that the iptables
/// backends add.
struct ChainKeys {
    private var keys: [String: String] = [:]
    private var chains: [String: ListedChain] = [:]

    init(_ table: ListedTable?) {
        var negatedSets = 0
        for chain in table?.chains ?? [] {
            switch chain.role {
            case .ordinary: add(chain, chain.name)
            case .negatedSet:
                negatedSets += 1
                add(chain, "negated set, \(negatedSets)")
            }
        }
    }

    func key(of name: String) -> String { keys[name] ?? name }

    func chain(_ key: String) -> ListedChain? { chains[key] }

    /// Returns the entry with each jump target replaced by the target's key.
    func normalized(_ entry: ListedEntry) -> ListedEntry {
        guard case .readable(var rule) = entry else { return entry }
        switch rule.effect {
        case .jump(let target): rule.effect = .jump(key(of: target))
        case .goto(let target): rule.effect = .goto(key(of: target))
        case .action, .accept: return entry
        }
        return .readable(rule)
    }

    /// Adds a chain; the second chain with the same key keeps its name.
    private mutating func add(_ chain: ListedChain, _ wanted: String) {
        let key = chains[wanted] == nil ? wanted : chain.name
        keys[chain.name] = key
        chains[key] = chain
    }
}
