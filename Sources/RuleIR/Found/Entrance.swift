import Addressing

/// The way to rules that all need one interface: `out I: goto OWN`, then `goto REST`, which is where
/// OWN goes on.
///
/// It means no more than the rules of OWN, because packets by other interfaces meet none of them.
struct Entrance {
    let own: FoundChain

    /// Reads the entries at and behind `index`; nil when they are no entrance.
    init?(entries: [FoundEntry], at index: Int, in chains: [String: FoundChain]) {
        guard index == entries.count - 2,
            case .readable(let entrance) = entries[index], case .goto(let name) = entrance.effect,
            entrance.matches.count == 1, case .outputInterface = entrance.matches[0],
            case .readable(let past) = entries[index + 1], past.isUnconditional,
            case .goto = past.effect,
            let own = chains[name], case .readable(let end) = own.entries.last,
            end.isUnconditional, end.effect == past.effect,
            own.entries.dropLast().allSatisfy({ $0.needs(entrance.matches[0]) })
        else { return nil }
        self.own = own
    }
}

extension FoundEntry {
    fileprivate func needs(_ match: Match) -> Bool {
        guard case .readable(let rule) = self else { return false }
        return rule.matches.contains(match)
    }
}
