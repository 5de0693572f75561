package import RuleIR

/// What the chain `KUMA_MESH_TPROXY` of a table says.
///
/// Nothing jumps to it. Its rules are comments, and copies of our rules in built-in chains behind a
/// comment that names the chain. So the kernel itself knows which rules are ours, also where they
/// carry no comment (`comments.disabled`).
package struct Ledger: Hashable, Sendable {
    private static let made = "made by tproxy "
    private static let digest = "digest "
    private static let address = "address "
    private static let copies = "rules in "
    private static let none = "none"

    /// A copy of a rule and the built-in chain that it stands in.
    package struct Copy: Hashable, Sendable {
        package var chain: String
        package var rule: IptablesRule
    }

    package var version: String
    /// Of all tables of both families.
    package var rulesDigest: String
    /// The loopback address that was added for the rules.
    package var ownedAlias: LoopbackAlias?
    package var copied: [Copy] = []

    /// Reads the chain; nil when it doesn't say what ours says.
    package init?(_ rules: [IptablesRule]) {
        var words: [String: String] = [:]
        var chain: String?
        for rule in rules {
            if rule.target.isEmpty {
                guard let comment = rule.comment else { continue }
                if comment.hasPrefix(Self.copies) {
                    chain = String(comment.dropFirst(Self.copies.count))
                }
                for key in [Self.made, Self.digest, Self.address] where comment.hasPrefix(key) {
                    words[key] = String(comment.dropFirst(key.count))
                }
            } else if let chain {
                copied.append(Copy(chain: chain, rule: rule))
            }
        }
        guard let version = words[Self.made], let digest = words[Self.digest] else { return nil }
        self.version = version
        rulesDigest = digest
        if let alias = words[Self.address], alias != Self.none {
            guard let owned = LoopbackAlias(token: alias) else { return nil }
            ownedAlias = owned
        }
    }

    package init(version: String, rulesDigest: String, ownedAlias: LoopbackAlias?) {
        self.version = version
        self.rulesDigest = rulesDigest
        self.ownedAlias = ownedAlias
    }

    /// The arguments of the chain's rules, in order.
    package func rules(copying hooked: [PlacedRule]) -> [[String]] {
        let alias = ownedAlias?.token ?? Self.none
        var lines = [Self.made + version, Self.digest + rulesDigest, Self.address + alias]
            .map(Self.note)
        for chain in ["PREROUTING", "OUTPUT"] {
            let rules = hooked.filter { $0.chain == chain }
            guard !rules.isEmpty else { continue }
            lines.append(Self.note(Self.copies + chain))
            lines += rules.map(\.rule.arguments)
        }
        return lines
    }

    private static func note(_ text: String) -> [String] {
        ["-m", "comment", "--comment", text]
    }
}
