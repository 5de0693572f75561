import RuleIR

/// What chains of one table are paired by: their names, but for the numbers that the iptables backends
/// put into some.
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

    /// The entry, with the keys of the chains that it leads to in the place of their names.
    func normalized(_ entry: ListedEntry) -> ListedEntry {
        guard case .readable(var rule) = entry else { return entry }
        switch rule.effect {
        case .jump(let target): rule.effect = .jump(key(of: target))
        case .goto(let target): rule.effect = .goto(key(of: target))
        case .action, .accept: return entry
        }
        return .readable(rule)
    }

    /// A second chain for the same key keeps its name.
    private mutating func add(_ chain: ListedChain, _ wanted: String) {
        let key = chains[wanted] == nil ? wanted : chain.name
        keys[chain.name] = key
        chains[key] = chain
    }
}
