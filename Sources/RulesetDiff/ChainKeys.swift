import RuleIR

/// Pairs the chains of two tables by keys: their names, without the numbers that the iptables
/// backends add.
struct ChainKeys {
    private var keys: [String: String] = [:]
    private var chains: [String: ListedChain] = [:]

    init(_ table: ListedTable?) {
        var nones = 0
        for chain in table?.chains ?? [] {
            switch chain.role {
            case .ordinary: add(chain, chain.name)
            case .noneOf:
                nones += 1
                add(chain, "none of, \(nones)")
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
