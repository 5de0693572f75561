package import RuleIR

/// The arguments of one iptables rule after `-A CHAIN`.
package struct IptablesRule: Hashable, Sendable {
    /// The options `-s`, `-d`, `-i`, `-o` and `-p`, in the order in which iptables-save(8) prints
    /// them.
    package var header: [String] = []
    /// The match extensions, `-m …`.
    package var extensions: [String] = []
    /// The target, `-j …`; empty for a rule without an action.
    package var target: [String] = []
    /// The text of the comment; nil if there is none.
    package var comment: String?

    /// Everything except the comment; equal for two rules with the same effect.
    package var meaning: [String] { header + extensions + target }

    /// The arguments for the tools; as in Kuma's rules, the comment is the first match.
    package var arguments: [String] { Self.arguments(comment, meaning) }

    static func arguments(_ comment: String?, _ meaning: [String]) -> [String] {
        (comment.map { ["-m", "comment", "--comment", $0] } ?? []) + meaning
    }
}

/// A rule of ours, with the rule of the IR that it comes from.
package struct PlacedRule: Hashable, Sendable {
    /// Whether the rule precedes those of other programs (`-I`) or follows them (`-A`).
    package var isInserted: Bool
    package var chain: String
    /// The rule as the tools list it.
    package var rule: IptablesRule
    /// The arguments after `-A CHAIN` as Kuma writes them.
    package var spelling: [String]
    package var location: RuleLocation
    package var rationale: Rationale
}

/// The contents of one table of one family.
package struct TableContent: Hashable, Sendable {
    package var table: IptablesTable
    /// The chains to create, in order.
    package var chains: [String] = []
    /// The rules of built-in chains, in order.
    package var hooked: [PlacedRule] = []
    /// The rules of our chains, in order.
    package var own: [PlacedRule] = []

    package var isEmpty: Bool { chains.isEmpty && hooked.isEmpty }
}
