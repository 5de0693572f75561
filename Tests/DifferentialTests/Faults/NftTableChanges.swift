import RuleIR

@testable import NftablesBackend

/// Changes of the first place of a table that can be changed; nil if there is none.
extension NftTable {
    func changingChain(_ change: (inout NftChain) -> Bool) -> NftTable? {
        var table = self
        for index in table.chains.indices where change(&table.chains[index]) { return table }
        return nil
    }

    func removingRule(where isMeant: (NftRule) -> Bool) -> NftTable? {
        changingChain { chain in
            guard let index = chain.rules.lastIndex(where: isMeant) else { return false }
            chain.rules.remove(at: index)
            return true
        }
    }

    /// `change` returns the statements that replace one.
    func changingStatement(
        of name: String = "", _ change: (NftStatement) -> [NftStatement]?
    ) -> NftTable? {
        changingChain { chain in
            guard chain.name.hasPrefix(name) else { return false }
            for rule in chain.rules.indices {
                for (index, statement) in chain.rules[rule].statements.enumerated() {
                    guard let changed = change(statement) else { continue }
                    chain.rules[rule].statements.replaceSubrange(index...index, with: changed)
                    return true
                }
            }
            return false
        }
    }

    func losing(
        _ operand: NftOperand, fromRulesThatAsk other: NftOperand? = nil
    ) -> NftTable? {
        changingChain { chain in
            let index = chain.rules.firstIndex { rule in
                rule.asks(operand) && other.map { rule.asks($0) } ?? true
            }
            guard let index else { return false }
            chain.rules[index].statements.removeAll { statement in
                if case .match(operand, _, _) = statement { true } else { false }
            }
            return true
        }
    }

    func changingElement(
        of name: String = "", _ change: (NftElement) -> [NftElement]?
    ) -> NftTable? {
        var table = self
        for set in table.sets.indices where table.sets[set].name.hasPrefix(name) {
            let elements = table.sets[set].elements
            for (index, element) in elements.enumerated() {
                guard let changed = change(element) else { continue }
                let others = elements[..<index] + elements[(index + 1)...]
                // Elements that others contain anyway change nothing.
                guard changed.allSatisfy({ one in !others.contains { $0.touches(one) } }) else {
                    continue
                }
                table.sets[set].elements.replaceSubrange(index...index, with: changed)
                return table
            }
        }
        return nil
    }
}

extension NftRule {
    var returns: Bool { statements.last == .return }

    var jumps: Bool {
        if case .jump = statements.last { true } else { false }
    }

    func asks(_ operand: NftOperand) -> Bool {
        statements.contains { statement in
            if case .match(operand, _, _) = statement { true } else { false }
        }
    }
}

extension NftElement {
    /// Whether the kernel would refuse both in one set.
    fileprivate func touches(_ other: NftElement) -> Bool {
        switch (self, other) {
        case (.addresses(let one), .addresses(let two)):
            one.contains(two.first) || two.contains(one.first)
        case (.ports(let one), .ports(let two)):
            one.contains(two.first) || two.contains(one.first)
        case (.flow(let owners, let ports), .flow(let two, let other)):
            (owners.contains(two.first) || two.contains(owners.first))
                && (ports.contains(other.first) || other.contains(ports.first))
        case (_, _): false
        }
    }
}
