import Addressing

/// A chain whose leading rules return for one destination each, so that the others are for "none of
/// these".
struct NoneOf {
    private let members: [IPPrefix]
    private let others: [FoundRule]

    /// Nil for a chain that isn't, or is no longer, of that form.
    init?(_ chain: FoundChain) {
        var members: [IPPrefix] = []
        var others: [FoundRule] = []
        for entry in chain.entries {
            guard case .readable(let rule) = entry else { return nil }
            if others.isEmpty, rule.effect == .action(.return), let member = Self.member(rule) {
                members.append(member)
            } else {
                switch rule.effect {
                case .action, .accept: others.append(rule)
                case .jump, .goto: return nil
                }
            }
        }
        guard !members.isEmpty, !others.isEmpty,
            members.allSatisfy({ $0.family == members[0].family })
        else { return nil }
        self.members = members
        self.others = others
    }

    /// What the chain means to packets that meet `jump`.
    func rules(for jump: FoundRule, _ raising: inout Raising) -> [Rule] {
        let test =
            members.count == 1
            ? AddressTest.notOf(members[0]) : .notInSet(set(in: &raising), members[0].family)
        return others.map { rule in
            // What accepts ends the hook, and so does the return of the rule that was meant.
            Rule(
                [.destination(test)] + jump.matches + rule.matches,
                then: rule.action ?? .return, because: rule.rationale)
        }
    }

    private func set(in raising: inout Raising) -> SetName {
        let set = NamedSet(
            .unnamed(members),
            .addresses(members[0].family, members.map { NamedSet.Member($0, source: "loaded") }))
        raising.addSet(set)
        return set.name
    }

    private static func member(_ rule: FoundRule) -> IPPrefix? {
        guard rule.matches.count == 1, case .destination(let test) = rule.matches[0],
            !test.isNegated, case .prefix(let prefix) = test.addresses
        else { return nil }
        return prefix
    }
}
