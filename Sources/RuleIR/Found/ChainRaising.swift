import Addressing

/// Turns the chains of one table into lists of rules of the IR.
struct ChainRaising {
    private let table: FoundTable
    private let chains: [String: FoundChain]
    private let accepting: AcceptingChains
    private let renamed: [SetName: SetName]
    /// What the IR calls the chains that were jumped to so far.
    private var names: [String: ChainName] = [:]
    private var pending: [String] = []

    init(_ table: FoundTable, renamed: [SetName: SetName]) {
        self.table = table
        self.renamed = renamed
        chains = Dictionary(table.chains.map { ($0.name, $0) }) { first, _ in first }
        accepting = AcceptingChains(table)
    }

    /// A chain that a rule jumps to and that hasn't been raised yet.
    mutating func nextJumpedTo() -> (FoundChain, ChainName)? {
        guard let next = pending.popLast(), let chain = chains[next], let name = names[next] else {
            return nil
        }
        return (chain, name)
    }

    /// The rules of the chain, and behind them those of the chains that it goes on in.
    mutating func rules(of chain: FoundChain, _ raising: inout Raising) -> [Rule] {
        var rules: [Rule] = []
        var current = chain
        var visited: Set<String> = [chain.name]
        while let next = add(current, isBase: chain.attachment != nil, to: &rules, &raising) {
            guard visited.insert(next.name).inserted else {
                raising.leaveOut(table, next.name, because: .loop)
                break
            }
            current = next
        }
        return rules
    }

    /// Adds the chain's own rules; the chain that it goes on in, if it does.
    private mutating func add(
        _ chain: FoundChain, isBase: Bool, to rules: inout [Rule], _ raising: inout Raising
    ) -> FoundChain? {
        var entries = chain.entries.enumerated().makeIterator()
        var skipped: FoundRule?
        while let (index, entry) = entries.next() {
            guard case .readable(let rule) = entry else {
                if case .native(let native) = entry {
                    raising.leaveOut(
                        table, chain.name, index + 1, text: native.text, because: .noWords)
                }
                continue
            }
            if case .goto(let target) = rule.effect, rule.isUnconditional {
                for (rest, _) in IteratorSequence(entries) {
                    raising.leaveOut(table, chain.name, rest + 1, because: .unreachable)
                }
                if chains[target] == nil {
                    raising.leaveOut(
                        table, chain.name, index + 1, because: .unknownChain(target))
                }
                return chains[target]
            }
            if let entrance = Entrance(entries: chain.entries, at: index, in: chains) {
                return entrance.own
            }
            if let pair = Passage(entries: chain.entries, at: index) {
                // "Owner is" goes past the next rule, so that rule is for "owner is not".
                skipped = pair.rule
                continue
            }
            let meant = skipped ?? rule
            skipped = nil
            let made = raised(
                meant, in: chain, number: index + 1, isBase: isBase, &raising)
            for one in made where !rules.endsDocker(before: one) { rules.append(one) }
        }
        return nil
    }

    private mutating func raised(
        _ rule: FoundRule, in chain: FoundChain, number: Int, isBase: Bool,
        _ raising: inout Raising
    ) -> [Rule] {
        let matches = rule.matches.map { $0.renaming(renamed) }
        func made(_ action: Action) -> Rule {
            Rule(matches, then: action, because: rule.rationale)
        }
        switch rule.effect {
        case .action(let action): return [made(action)]
        case .accept:
            guard isBase || accepting.returns(chain.name) else {
                raising.leaveOut(table, chain.name, number, because: .acceptInChain)
                return []
            }
            return [made(.return)]
        case .jump(let target), .goto(let target):
            guard let found = chains[target] else {
                raising.leaveOut(table, chain.name, number, because: .unknownChain(target))
                return []
            }
            if found.role == .noneOf, let none = NoneOf(found) {
                return none.rules(for: rule, &raising)
            }
            let jump = made(.jump(name(of: found, &raising)))
            guard case .goto = rule.effect else { return [jump] }
            return [jump, made(.return)]
        }
    }

    private mutating func name(of chain: FoundChain, _ raising: inout Raising) -> ChainName {
        if let name = names[chain.name] { return name }
        let name = raising.freeName(chain.chainName?.text ?? chain.name)
        names[chain.name] = name
        pending.append(chain.name)
        return name
    }
}

extension [Rule] {
    /// Whether the last rule leaves the packet to Docker and `next` only says so again: where
    /// Docker's chain is jumped to, a return for the same packets stands behind the jump.
    fileprivate func endsDocker(before next: Rule) -> Bool {
        guard let last, last.action == .yieldToDockerDNS else { return false }
        return next.action == .return && next.matches == last.matches
    }
}
