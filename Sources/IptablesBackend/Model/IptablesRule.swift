import RuleIR

/// One rule as iptables has it: everything behind `-A CHAIN`.
struct IptablesRule: Hashable, Sendable {
    /// `-s`, `-d`, `-i`, `-o`, `-p`, in the order in which iptables-save(8) prints them.
    var header: [String] = []
    /// The match extensions, `-m …`.
    var extensions: [String] = []
    /// `-j …`; empty for a rule that does nothing.
    var target: [String] = []
    /// The words of the comment; nil for none.
    var comment: String?

    /// All of it but the comment: two rules that say the same are equal in this.
    var meaning: [String] { header + extensions + target }

    /// The arguments as the tools take them; the comment is the first match, as Kuma has it.
    var arguments: [String] {
        (comment.map { ["-m", "comment", "--comment", $0] } ?? []) + meaning
    }
}

/// A rule of ours, with the rule of the ruleset that it comes from.
struct PlacedRule: Hashable, Sendable {
    /// Whether it goes before everybody's (`-I`) or behind (`-A`).
    var isInserted: Bool
    var chain: String
    var rule: IptablesRule
    var location: RuleLocation
    var rationale: Rationale
}

/// What goes into one table of one family.
struct TableContent: Hashable, Sendable {
    var table: IptablesTable
    /// The chains to make, in order.
    var chains: [String] = []
    /// Rules of built-in chains, in order.
    var hooked: [PlacedRule] = []
    /// Rules of our chains, in order.
    var own: [PlacedRule] = []

    var isEmpty: Bool { chains.isEmpty && hooked.isEmpty }
}
