package import RuleIR

/// What the chain `KUMA_MESH_TPROXY` of a table says.
///
/// Nothing jumps to it. Its rules are comments, and copies of our rules in built-in chains behind a
/// comment that names the chain. So the kernel itself knows which rules are ours, also where they
/// carry no comment (`comments.disabled`).
package struct OwnershipChain: Hashable, Sendable {
    private static let made = "made by tproxy "
    private static let digest = "digest "

    /// The copy of a rule, and where the rule stands.
    package struct Copy: Hashable, Sendable {
        package var place: Place
        package var rule: IptablesRule

        package var chain: String { place.chain }
    }

    /// Which end of a built-in chain.
    package struct Place: Hashable, Sendable, CaseIterable {
        package var chain: String
        /// Before everybody's (`-I`), or behind (`-A`).
        package var isInserted: Bool

        package static let allCases = ["PREROUTING", "OUTPUT"].flatMap { chain in
            [true, false].map { Place(chain: chain, isInserted: $0) }
        }

        fileprivate var note: String { "rules \(isInserted ? "first" : "last") in \(chain)" }
    }

    package var version: String
    /// Of all tables of both families.
    package var rulesDigest: String
    /// The prerequisites that were made for the rules.
    package var ownedPrerequisites: [HostPrerequisite]
    package var copied: [Copy] = []

    /// Reads the chain; nil when it doesn't say what ours says.
    package init?(_ rules: [IptablesRule]) {
        var words: [String: String] = [:]
        var notes: [String] = []
        var place: Place?
        for rule in rules {
            if rule.target.isEmpty {
                guard let comment = rule.comment else { continue }
                notes.append(comment)
                place = Place.allCases.first { $0.note == comment } ?? place
                for key in [Self.made, Self.digest] where comment.hasPrefix(key) {
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
        ownedPrerequisites = owned
    }

    package init(version: String, rulesDigest: String, ownedPrerequisites: [HostPrerequisite]) {
        self.version = version
        self.rulesDigest = rulesDigest
        self.ownedPrerequisites = ownedPrerequisites
    }

    /// The arguments of the chain's rules, in order, for rules that are to be loaded.
    package func rules(copying hooked: [PlacedRule]) -> [[String]] {
        rules(
            copying: hooked.map { placed in
                Copy(
                    place: Place(chain: placed.chain, isInserted: placed.isInserted),
                    rule: placed.rule)
            })
    }

    /// The same for rules that are or were loaded.
    package func rules(copying hooked: [Copy]) -> [[String]] {
        let notes = [Self.made + version, Self.digest + rulesDigest] + ownedPrerequisites.records
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
