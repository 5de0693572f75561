package import RuleIR

/// A chain that isn't as planned.
package struct ChainDifference: Hashable, Sendable {
    package enum Presence: String, Hashable, Sendable {
        /// Planned and not loaded.
        case added
        /// Loaded and not planned.
        case removed
        case kept
    }

    /// The name of the table, as `ListedTable` has it.
    package var table: String
    package var name: String
    package var presence: Presence
    /// How the kernel comes to run it, or is to; nil for a chain that is jumped to.
    package var attachment: HookAttachment?
    /// How it is attached now, where that is to change; `.some(nil)` for not at all.
    package var formerAttachment: HookAttachment??
    /// In the order in which a reader of both lists meets them.
    package var rules: [RuleDifference]
}

/// One rule that isn't as planned.
///
/// Numbers are 1-based positions, in the plan or in what is loaded.
package enum RuleDifference: Hashable, Sendable {
    /// Planned and not loaded.
    case added(ListedEntry, at: Int)
    /// Loaded and not planned.
    case removed(ListedEntry, at: Int)
    /// At another place among the rules that stay.
    case moved(ListedEntry, from: Int, to: Int)
    /// In the place of a rule that is like it.
    case changed(from: ListedEntry, to: ListedEntry, at: Int)
}

/// A set that isn't as planned.
package struct SetDifference: Hashable, Sendable {
    package enum Presence: String, Hashable, Sendable {
        case added
        case removed
        case kept
        /// Loaded with members of another kind.
        case ofOtherKind
    }

    package var table: String
    package var name: String
    package var presence: Presence
    /// What is planned to be in it and isn't.
    package var added: [SetElement]
    /// What is in it and isn't planned to be.
    package var removed: [SetElement]
}
