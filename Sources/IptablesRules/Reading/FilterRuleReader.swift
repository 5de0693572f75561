package import Addressing
package import RuleIR

/// Reads one rule of an iptables filter table, option by option.
struct FilterRuleReader {
    let rule: FilterRule
    let unnamedSets: [NamedSet]

    init(_ saved: SavedRule, chains: Set<String>) {
        let rule = saved.rule
        let conditions = SavedConditions(of: rule, asMatches: false)
        self.rule = FilterRule(
            number: saved.number,
            text: RestoreText.line(saved.words), matches: conditions.matches,
            conditions: conditions.conditions, isComplete: conditions.isComplete,
            changes: SavedMark.changes(of: rule), effect: Self.effect(of: rule, chains))
        unnamedSets = conditions.unnamedSets
    }

    private static func effect(of rule: IptablesRule, _ chains: Set<String>) -> FilterRule.Effect {
        guard let option = rule.target.first, let name = rule.target.dropFirst().first else {
            return .aside
        }
        if chains.contains(name) { return option == "-g" ? .goto(name) : .jump(name) }
        switch OpaqueTarget.effect(of: rule) {
        case .known(.accept): return .accept
        case .known(.action(.drop)): return .drop
        case .known(.action(.return)): return .return
        case .aside: return .aside
        case .known, .translate, .byKey, .oneOf, .unknown:
            return name == "SET" ? .aside : .unknown
        }
    }
}

extension FilterTable {
    /// Creates the table that iptables-save(8) printed.
    package init(_ saved: SavedTable, _ tool: Tool, _ family: AddressFamily) {
        let byChain = saved.rulesByChain
        let names = Set(saved.chains)
        var sets: Set<NamedSet> = []
        let chains = saved.chains.map { name in
            let rules = (byChain[name] ?? []).map { rule in
                let reading = FilterRuleReader(rule, chains: names)
                sets.formUnion(reading.unnamedSets)
                return reading.rule
            }
            return FilterChain(
                name, base: HookAttachment(builtIn: name, saved.table).map(LoadedChain.Base.init),
                dropsAtEnd: saved.policies[name] == "DROP", rules: rules)
        }
        self.init(
            tool: tool, family: family == .ipv4 ? .ip : .ip6, name: saved.table, chains: chains,
            sets: sets.sorted { $0.name.text < $1.name.text })
    }
}
