package import RuleIR

/// The record in the chain `KUMA_MESH_TPROXY` of a table.
///
/// No rule jumps to the chain. Its rules are comments, and copies of our rules in built-in chains
/// after a comment that names the chain. So the kernel itself records which rules are ours, even if
/// they have no comment (`comments.disabled`).
package struct OwnershipChain: Hashable, Sendable {
    private static let made = "made by tproxy "
    private static let digest = "digest "
    private static let time = "at "

    /// The copy of a rule, with the position of the rule.
    package struct Copy: Hashable, Sendable {
        package var place: Place
        package var rule: IptablesRule

        package var chain: String { place.chain }
    }

    /// One end of a built-in chain.
    package struct Place: Hashable, Sendable, CaseIterable {
        package var chain: String
        /// Whether the rules precede those of other programs (`-I`) or follow them (`-A`).
        package var isInserted: Bool

        package static let allCases = ["PREROUTING", "OUTPUT"].flatMap { chain in
            [true, false].map { Place(chain: chain, isInserted: $0) }
        }

        fileprivate var note: String { "rules \(isInserted ? "first" : "last") in \(chain)" }
    }

    package var version: String
    /// The digest of all tables of both families.
    package var rulesDigest: String
    /// When the rules were loaded; nil if firewalld loads them, or an earlier version did.
    package var loadedAt: LoadTime?
    /// The prerequisites that were made for the rules.
    package var ownedPrerequisites: [HostPrerequisite]
    package var copied: [Copy] = []

    /// Reads the chain; returns nil if it isn't an ownership chain of tproxy.
    package init?(_ rules: [IptablesRule]) {
        var words: [String: String] = [:]
        var notes: [String] = []
        var place: Place?
        for rule in rules {
            if rule.target.isEmpty {
                guard let comment = rule.comment else { continue }
                notes.append(comment)
                place = Place.allCases.first { $0.note == comment } ?? place
                for key in [Self.made, Self.digest, Self.time] where comment.hasPrefix(key) {
                    words[key] = String(comment.dropFirst(key.count))
                }
            } else if let place {
                copied.append(Copy(place: place, rule: rule))
            }
        }
        guard let version = words[Self.made], let digest = words[Self.digest],
            let owned = [HostPrerequisite](records: notes)
        else { return nil }
        self.version = version
        rulesDigest = digest
        loadedAt = words[Self.time].flatMap { LoadTime($0) }
        ownedPrerequisites = owned
    }

    package init(version: String, rulesDigest: String, ownedPrerequisites: [HostPrerequisite]) {
        self.version = version
        self.rulesDigest = rulesDigest
        self.ownedPrerequisites = ownedPrerequisites
    }

    /// Returns the arguments of the chain's rules, in order, for rules to be loaded.
    package func rules(copying hooked: [PlacedRule]) -> [[String]] {
        rules(
            copying: hooked.map { placed in
                Copy(
                    place: Place(chain: placed.chain, isInserted: placed.isInserted),
                    rule: placed.rule)
            })
    }

    /// Returns the arguments of the chain's rules, in order, for rules that are or were loaded.
    package func rules(copying hooked: [Copy]) -> [[String]] {
        let notes =
            [Self.made + version, Self.digest + rulesDigest]
            + (loadedAt.map { [Self.time + $0.description] } ?? []) + ownedPrerequisites.records
        var lines = notes.map(Self.note)
        for place in Place.allCases {
            let rules = hooked.filter { $0.place == place }
            guard !rules.isEmpty else { continue }
            lines.append(Self.note(place.note))
            lines += rules.map(\.rule.arguments)
        }
        return lines
    }

    private static func note(_ text: String) -> [String] {
        ["-m", "comment", "--comment", text]
    }
}

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
