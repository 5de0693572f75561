import Addressing

/// Turns found chains into those of the IR.
struct Raising {
    private(set) var sets: [NamedSet] = []
    private(set) var chains: [Chain] = []
    private(set) var leftOut: [LeftOut] = []
    /// The names given away, in one letter case: backends change it.
    private var taken: Set<String> = []

    mutating func leaveOut(
        _ table: FoundTable, _ chain: String = "", _ rule: Int? = nil, text: String? = nil,
        because reason: LeftOut.Reason
    ) {
        leftOut.append(
            LeftOut(table: table.name, chain: chain, rule: rule, text: text, reason: reason))
    }

    /// The table's chains on hooks; those that they jump to are in `chains` then.
    mutating func raise(_ table: FoundTable) -> [RaisedBase] {
        var raising = ChainRaising(table, renamed: adopt(table.sets))
        var bases: [RaisedBase] = []
        for chain in table.chains {
            guard let attachment = chain.attachment else { continue }
            guard let place = attachment.place else {
                if !chain.entries.isEmpty { leaveOut(table, chain.name, because: .otherHook) }
                continue
            }
            if attachment.policy != "accept" {
                leaveOut(table, chain.name, because: .dropsAtEnd)
            }
            bases.append(
                RaisedBase(
                    stage: place.stage, hook: place.hook, priority: attachment.priority,
                    rules: raising.rules(of: chain, &self)))
        }
        while let (chain, name) = raising.nextJumpedTo() {
            let rules = raising.rules(of: chain, &self)
            chains.append(Chain(name, rules))
        }
        return bases
    }

    /// Adds a chain under a name that is free; what the name became.
    mutating func addChain(_ wanted: String, _ rules: [Rule]) -> ChainName {
        let name = freeName(wanted)
        chains.append(Chain(name, rules))
        return name
    }

    /// `wanted` in the letters that chain names have, with a number behind if it is taken.
    mutating func freeName(_ wanted: String) -> ChainName {
        let letters = String(
            wanted.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
        ).uppercased()
        for number in 0... {
            let suffix = number == 0 ? "" : "_\(number)"
            guard let name = ChainName(String(letters.prefix(18 - suffix.count)) + suffix),
                taken.insert(name.text.uppercased()).inserted
            else { continue }
            return name
        }
        // Not reached: there are more numbers than chains.
        return .inbound
    }

    /// Adds a set that the rules don't name themselves; its name says what it holds.
    mutating func addSet(_ set: NamedSet) {
        guard !sets.contains(where: { $0.name == set.name }) else { return }
        sets.append(set)
    }

    /// Takes the sets; what those that had to be renamed are called now.
    private mutating func adopt(_ found: [FoundSet]) -> [SetName: SetName] {
        var renamed: [SetName: SetName] = [:]
        for case .readable(var set) in found {
            let former = set.name
            if let same = sets.first(where: { $0.name == former }) {
                guard same != set else { continue }
                set.name = SetName("\(former)_\(sets.count)")
                renamed[former] = set.name
            }
            sets.append(set)
        }
        return renamed
    }

    /// The kernel allows 16 jumps within each other (`NFT_JUMP_STACK_SIZE`), and a file may say
    /// anything: jumps into a loop, or too deep, are left out.
    mutating func cutLoops() {
        let maximumDepth = 16
        var heights: [ChainName: Int] = [:]
        for _ in 0..<maximumDepth {
            for chain in chains where heights[chain.name] == nil {
                let below = chain.rules.jumpTargets.map { heights[$0] }
                if below.allSatisfy({ $0 != nil }) {
                    heights[chain.name] = 1 + (below.compactMap { $0 }.max() ?? 0)
                }
            }
        }
        for (index, chain) in chains.enumerated() where heights[chain.name] == nil {
            chains[index].rules.removeAll { rule in
                guard case .jump(let target) = rule.action else { return false }
                return heights[target] == nil
            }
            for target in chain.rules.jumpTargets where heights[target] == nil {
                leftOut.append(
                    LeftOut(
                        table: "", chain: chain.name.text, rule: nil, text: "jump \(target)",
                        reason: .loop))
            }
        }
    }
}
