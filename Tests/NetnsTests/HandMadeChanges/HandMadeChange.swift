import Foundation

/// One change of loaded rules, as an admin might make it.
struct HandMadeChange {
    /// The shell command that makes it.
    let command: String
    /// A comparison must report one of these.
    ///
    /// Two rules that changed places are a move of one or of the other.
    let names: [String]
}

/// The rules of one chain before a change.
struct ListedChain {
    /// Its name in `diff`: table and chain.
    let name: String
    /// Each in the syntax of its tool.
    let rules: [String]
    /// Whether rules that are added to it count as ours.
    let isOurs: Bool
    let delete: (Int) -> String
    /// Inserts a rule before the rule at the index.
    let insert: (String, Int) -> String
    /// A rule with a port that no scenario names.
    let newRule: (Int) -> String

    /// The kinds of changes.
    enum Kind: CaseIterable {
        case add
        case delete
        case move
    }

    /// Nil if the chain has too few rules.
    func change(
        _ kind: Kind, _ numbers: inout some RandomNumberGenerator
    ) -> HandMadeChange? {
        // It can't be determined which of two equal rules is gone.
        let isPlain = Set(rules).count == rules.count
        switch kind {
        case .add:
            guard isOurs, !rules.isEmpty else { return nil }
            let place = Int.random(in: rules.indices, using: &numbers)
            let port = Int.random(in: 60_000...61_000, using: &numbers)
            return HandMadeChange(
                command: insert(newRule(port), place),
                names: ["\(name) removed \(place + 1): tcp, to port \(port)"])
        case .delete:
            guard isPlain, let place = rules.indices.randomElement(using: &numbers) else {
                return nil
            }
            return HandMadeChange(command: delete(place), names: ["\(name) added \(place + 1):"])
        case .move:
            guard isPlain, rules.count > 1 else { return nil }
            let from = Int.random(in: rules.indices, using: &numbers)
            let others = rules.indices.filter { $0 != from }
            guard let to = others.randomElement(using: &numbers) else { return nil }
            let moved = "\(name) moved \(to + 1) to \(from + 1):"
            let other = "\(name) moved \(from + 1) to \(to + 1):"
            // The rules after the deleted one have moved up.
            return HandMadeChange(
                command: delete(from) + "\n" + insert(rules[from], to > from ? to + 1 : to),
                names: abs(from - to) == 1 ? [moved, other] : [moved])
        }
    }
}
