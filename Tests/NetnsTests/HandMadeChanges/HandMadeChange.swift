import Foundation

/// One change of loaded rules, as an admin might make it.
struct HandMadeChange {
    /// What makes it, for a shell.
    let command: String
    /// What a comparison may say of it: one of these.
    ///
    /// Two rules that changed places are one move of either.
    let names: [String]
}

/// The rules of one chain before anybody changed them.
struct ListedChain {
    /// As `diff` names it: table and chain.
    let name: String
    /// Each as its tool takes it again.
    let rules: [String]
    /// Whether rules that are added to it count as ours.
    let isOurs: Bool
    let delete: (Int) -> String
    /// Puts a rule in before the rule of the index.
    let insert: (String, Int) -> String
    /// A rule with a port that no scenario names.
    let newRule: (Int) -> String

    /// Kinds of changes that this chain can take.
    enum Kind: CaseIterable {
        case add
        case delete
        case move
    }

    /// Nil where the chain has too few rules.
    func change(
        _ kind: Kind, _ numbers: inout some RandomNumberGenerator
    ) -> HandMadeChange? {
        // Which of two equal rules is gone nobody can tell.
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
            // The rules behind the deleted one have moved up.
            return HandMadeChange(
                command: delete(from) + "\n" + insert(rules[from], to > from ? to + 1 : to),
                names: abs(from - to) == 1 ? [moved, other] : [moved])
        }
    }
}
