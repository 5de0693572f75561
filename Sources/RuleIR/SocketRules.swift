extension Ruleset {
    /// The rules that a backend for sockets evaluates: those of the stage nat that a hook leads to.
    ///
    /// Without translated addresses, packets need no conntrack zones.
    package var ofSockets: Ruleset {
        var rules = self
        rules.baseChains = baseChains.filter { $0.stage == .nat }
        var reached: Set<ChainName> = []
        var lists = rules.baseChains.flatMap { [$0.first, $0.last] }
        while let list = lists.popLast() {
            for case .jump(let name) in list.map(\.action) where reached.insert(name).inserted {
                lists.append(chain(named: name)?.rules ?? [])
            }
        }
        rules.chains = chains.filter { reached.contains($0.name) }
        return rules
    }
}

extension RulePlacement {
    /// Returns the rules that are evaluated: all of them, or those of sockets.
    package func evaluated(of ruleset: Ruleset) -> Ruleset {
        switch self {
        case .ownTable, .iptables: ruleset
        case .sockets: ruleset.ofSockets
        }
    }
}
