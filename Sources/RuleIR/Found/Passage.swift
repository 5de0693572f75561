import Addressing

/// The way past a rule for one owner: `M, owner is U: goto REST`, `M: A`, and at the end `goto REST`.
///
/// It says "M, owner is not U: A" where the kernel's own negation needs a socket. Several such pairs
/// for one U may stand before the last rule.
struct Passage {
    /// The rule that is meant; nil when it does nothing but go where everything goes next.
    private(set) var rule: FoundRule?

    /// Reads the entries at and behind `index`; nil when they are no passage.
    init?(entries: [FoundEntry], at index: Int) {
        guard case .readable(let past) = entries[index], case .goto(let rest) = past.effect,
            !past.isUnconditional, entries.indices.contains(index + 1),
            case .readable(let next) = entries[index + 1]
        else { return nil }
        if next.isUnconditional, next.effect == .goto(rest) { return }
        guard case .owner(.is(let user)) = past.matches.last,
            next.matches == Array(past.matches.dropLast()),
            Self.goesOn(entries[(index + 2)...], for: user, to: rest)
        else { return nil }
        var meant = next
        meant.matches.append(.owner(.isNot(user)))
        rule = meant
    }

    /// Whether only more pairs for the same owner stand before `goto REST`: one rule that is lowered
    /// to several has a pair for each.
    private static func goesOn(
        _ entries: ArraySlice<FoundEntry>, for user: UserID, to rest: String
    ) -> Bool {
        var entries = entries
        while entries.count > 1 {
            guard case .readable(let past) = entries.removeFirst(), past.effect == .goto(rest),
                past.matches.last == .owner(.is(user)),
                case .readable(let next) = entries.removeFirst(),
                next.matches == Array(past.matches.dropLast())
            else { return false }
        }
        guard case .readable(let end) = entries.first else { return false }
        return end.isUnconditional && end.effect == .goto(rest)
    }
}

/// Where `accept` means no more than `return`: in chains whose callers have nothing behind the jump.
struct AcceptingChains {
    private var callers: [String: [(chain: String, isAtEnd: Bool)]] = [:]
    private let bases: Set<String>

    init(_ table: FoundTable) {
        bases = Set(table.chains.filter { $0.attachment != nil }.map(\.name))
        for chain in table.chains {
            for (index, entry) in chain.entries.enumerated() {
                guard case .readable(let rule) = entry else { continue }
                switch rule.effect {
                case .jump(let target):
                    let isAtEnd = index == chain.entries.count - 1 && chain.foreign.isEmpty
                    callers[target, default: []].append((chain.name, isAtEnd))
                case .goto(let target): callers[target, default: []].append((chain.name, true))
                case .action, .accept: continue
                }
            }
        }
    }

    func returns(_ name: String) -> Bool {
        var visited: Set<String> = []
        var pending = [name]
        while let next = pending.popLast() {
            guard visited.insert(next).inserted, !bases.contains(next) else { continue }
            for caller in callers[next] ?? [] {
                guard caller.isAtEnd else { return false }
                pending.append(caller.chain)
            }
        }
        return true
    }
}
