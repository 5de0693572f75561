package import RuleIR

/// One rule as iptables has it: everything behind `-A CHAIN`.
package struct IptablesRule: Hashable, Sendable {
    /// `-s`, `-d`, `-i`, `-o`, `-p`, in the order in which iptables-save(8) prints them.
    package var header: [String] = []
    /// The match extensions, `-m …`.
    package var extensions: [String] = []
    /// `-j …`; empty for a rule that does nothing.
    package var target: [String] = []
    /// The words of the comment; nil for none.
    package var comment: String?

    /// All of it but the comment: two rules that say the same are equal in this.
    package var meaning: [String] { header + extensions + target }

    /// The arguments as the tools take them; the comment is the first match, as Kuma has it.
    package var arguments: [String] { Self.arguments(comment, meaning) }

    static func arguments(_ comment: String?, _ meaning: [String]) -> [String] {
        (comment.map { ["-m", "comment", "--comment", $0] } ?? []) + meaning
    }
}

/// A rule of ours, with the rule of the ruleset that it comes from.
package struct PlacedRule: Hashable, Sendable {
    /// Whether it goes before everybody's (`-I`) or behind (`-A`).
    package var isInserted: Bool
    package var chain: String
    /// As the tools list it.
    package var rule: IptablesRule
    /// The same as Kuma writes it: the arguments behind `-A CHAIN`.
    package var spelling: [String]
    package var location: RuleLocation
    package var rationale: Rationale
}

/// What goes into one table of one family.
package struct TableContent: Hashable, Sendable {
    package var table: IptablesTable
    /// The chains to make, in order.
    package var chains: [String] = []
    /// Rules of built-in chains, in order.
    package var hooked: [PlacedRule] = []
    /// Rules of our chains, in order.
    package var own: [PlacedRule] = []

    package var isEmpty: Bool { chains.isEmpty && hooked.isEmpty }
}
