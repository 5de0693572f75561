import Addressing

extension Rule {
    /// Whether both rules differ in the family of their addresses alone, the other's being IPv6.
    ///
    /// A plan has such rules next to each other, because an address is of one family.
    package func isTwin(of other: Rule) -> Bool {
        guard action == other.action, rationale == other.rationale,
            matches.count == other.matches.count
        else { return false }
        var differences = 0
        for (one, second) in zip(matches, other.matches) where one != second {
            switch (one, second) {
            case (.source(let one), .source(let second)),
                (.destination(let one), .destination(let second)):
                guard one.isNegated == second.isNegated, one.family == .ipv4,
                    second.family == .ipv6
                else { return false }
            case (.family(.ipv4), .family(.ipv6)): break
            case (.family, _), (.transport, _), (.source, _), (.destination, _), (.sourcePort, _),
                (.destinationPort, _), (.inputInterface, _), (.outputInterface, _), (.owner, _),
                (.ownedFlow, _), (.connectionState, _):
                return false
            }
            differences += 1
        }
        return differences > 0
    }
}

extension [Rule] {
    /// The indices of the rules, with those of a rule and the twin behind it together.
    package var withTwinsTogether: [Range<Int>] {
        var lines: [Range<Int>] = []
        var next = 0
        while next < count {
            let isTwin = next + 1 < count && self[next].isTwin(of: self[next + 1])
            lines.append(next..<(next + (isTwin ? 2 : 1)))
            next += isTwin ? 2 : 1
        }
        return lines
    }
}
