/// Finds our rules in built-in chains by their copies in the ownership chain.
enum OwnRules {
    /// Returns one rule for each copy that is present, in order.
    ///
    /// A foreign rule may be equal to one of ours. Ours are those at the end of the chain where
    /// they were added, and those that are still adjacent.
    static func find(_ copies: [OwnershipChain.Copy], in table: SavedTable) -> [SavedRule] {
        var found: Set<SavedRule> = []
        for place in OwnershipChain.Place.allCases {
            let rules = table.rules.filter {
                IptablesChain.hookName(of: $0.chain) == place.chain && !found.contains($0)
            }
            let wanted = copies.filter { $0.place == place }.map(\.rule)
            found.formUnion(block(wanted, rules, place) ?? scattered(wanted, rules, place))
        }
        return table.rules.filter(found.contains)
    }

    /// Returns the first run of all wanted rules from their end of the chain; nil if there is none.
    private static func block(
        _ wanted: [IptablesRule], _ rules: [SavedRule], _ place: OwnershipChain.Place
    ) -> ArraySlice<SavedRule>? {
        guard !wanted.isEmpty, rules.count >= wanted.count else { return nil }
        let starts = Array(0...(rules.count - wanted.count))
        let start = (place.isInserted ? starts : starts.reversed()).first { start in
            wanted.indices.allSatisfy { rules[start + $0].rule == wanted[$0] }
        }
        return start.map { rules[$0..<($0 + wanted.count)] }
    }

    /// Returns single rules from their end of the chain, after rules between them were added or
    /// removed.
    private static func scattered(
        _ wanted: [IptablesRule], _ rules: [SavedRule], _ place: OwnershipChain.Place
    ) -> ArraySlice<SavedRule> {
        var missing = wanted.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        let found = (place.isInserted ? rules : rules.reversed()).filter { saved in
            guard let count = missing[saved.rule], count > 0 else { return false }
            missing[saved.rule] = count - 1
            return true
        }
        return found[...]
    }
}
