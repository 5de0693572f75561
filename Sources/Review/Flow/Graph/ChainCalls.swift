import RuleIR

/// The jumps between the chains of one hook.
struct ChainCalls {
    struct Call {
        var list: RuleLocation.List
        var rule: Rule
        /// Whether no rule follows the jump.
        var isLast: Bool
    }

    /// The chains that packets of the hook can reach; a caller precedes the chains that it calls.
    private(set) var chains: [Chain] = []
    private var calls: [ChainName: [Call]] = [:]

    init(_ ruleset: Ruleset, _ hook: Hook) {
        var visited: Set<ChainName> = []
        var finished: [Chain] = []
        /// Visits depth first: a chain is finished after all chains that it calls.
        func visit(_ rules: [Rule], _ list: RuleLocation.List) {
            for (index, rule) in rules.enumerated() {
                guard case .jump(let name) = rule.action else { continue }
                calls[name, default: []].append(
                    Call(list: list, rule: rule, isLast: index == rules.count - 1))
                guard visited.insert(name).inserted, let chain = ruleset.chain(named: name) else {
                    continue
                }
                visit(chain.rules, .chain(name))
                finished.append(chain)
            }
        }
        for base in ruleset.baseChains where base.hook == hook {
            visit(base.first, .first(base.stage, hook))
            visit(base.last, .last(base.stage, hook))
        }
        chains = finished.reversed()
    }

    func of(_ chain: ChainName) -> [Call] { calls[chain] ?? [] }

    /// Returns the matches that hold for every packet that reaches the chain.
    func known(of chain: ChainName) -> Set<Match> {
        let ways = of(chain).map { call -> Set<Match> in
            guard case .chain(let caller) = call.list else { return Set(call.rule.matches) }
            return known(of: caller).union(call.rule.matches)
        }
        guard let first = ways.first else { return [] }
        return ways.dropFirst().reduce(first) { $0.intersection($1) }
    }
}
