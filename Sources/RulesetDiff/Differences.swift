package import RuleIR

/// A difference between a planned and a loaded chain.
package struct ChainDifference: Hashable, Sendable {
    package enum Presence: String, Hashable, Sendable {
        /// The chain is planned but not loaded.
        case added
        /// The chain is loaded but not planned.
        case removed
        case kept
    }

    /// The name of the table, as in `ListedTable`.
    package var table: String
    package var name: String
    package var presence: Presence
    /// The planned or, for a removed chain, the loaded attachment; nil for a regular chain.
    package var attachment: HookAttachment?
    /// The loaded attachment if it changes; `.some(nil)` if the loaded chain isn't attached.
    package var formerAttachment: HookAttachment??
    /// The differing rules, in the combined order of both lists.
    package var rules: [RuleDifference]
}

/// A difference between planned and loaded rules.
///
/// Numbers are 1-based positions in the planned or the loaded chain.
package enum RuleDifference: Hashable, Sendable {
    /// The rule is planned but not loaded.
    case added(ListedEntry, at: Int)
    /// The rule is loaded but not planned.
    case removed(ListedEntry, at: Int)
    /// The rule changes its position relative to the rules that stay.
    case moved(ListedEntry, from: Int, to: Int)
    /// The rule replaces a similar one.
    case changed(from: ListedEntry, to: ListedEntry, at: Int)
}

/// A difference between a planned and a loaded set.
package struct SetDifference: Hashable, Sendable {
    package enum Presence: String, Hashable, Sendable {
        case added
        case removed
        case kept
        /// The loaded set has elements of another kind.
        case ofOtherKind
    }

    package var table: String
    package var name: String
    package var presence: Presence
    /// The planned elements that aren't loaded.
    package var added: [SetElement]
    /// The loaded elements that aren't planned.
    package var removed: [SetElement]
}
