/// What apply would change, for the page.
package struct ReviewChanges {
    /// A rule in words.
    package struct Words: Hashable {
        package var condition: String
        package var action: String
        package var reason: String
        package var key: String

        package init(condition: String, action: String, reason: String, key: String) {
            self.condition = condition
            self.action = action
            self.reason = reason
            self.key = key
        }
    }

    package enum Kind: String {
        case added
        case removed
        case changed
        case moved

        var mark: String {
            switch self {
            case .added: "+"
            case .removed: "\u{2212}"
            case .changed: "~"
            case .moved: ">"
            }
        }
    }

    /// A rule of the plan, or its twin as well, that changes.
    package struct Change {
        package var kind: Kind
        /// The chain or segment.
        package var list: String
        /// The numbers of the planned rules as text, such as `1-2`; empty for a removed rule.
        package var label: String
        /// The loaded form; nil for an added rule, and where only elements differ.
        package var former: Words?
        /// The planned form; nil for a removed rule.
        package var planned: Words?
        /// The elements that the rule's list gains and loses, if nothing else changes.
        package var added: [String]
        package var removed: [String]

        package init(
            kind: Kind, list: String, label: String, former: Words?, planned: Words?,
            added: [String] = [], removed: [String] = []
        ) {
            self.kind = kind
            self.list = list
            self.label = label
            self.former = former
            self.planned = planned
            self.added = added
            self.removed = removed
        }
    }

    package enum State {
        /// Nothing would change.
        case upToDate
        /// Rules are loaded, and apply would change them.
        case differing
        /// No rules are loaded.
        case empty
        /// The loaded rules can't be read, for this reason; the plan is for an empty host.
        case unknown(String)
    }

    package var state: State
    /// What would change, in one line.
    package var heading: String
    /// The same without the name of the rules, for the title.
    package var title: String
    /// What differs beside the rules.
    package var notes: [String]
    package var changes: [Change]
    /// Lines with marks, for rules that aren't a plan's.
    package var listed: [String]
    /// Rules and programs that precede the rules and may decide first.
    package var conflicts: [String]

    package init(
        state: State, heading: String, title: String, notes: [String] = [],
        changes: [Change] = [], listed: [String] = [], conflicts: [String] = []
    ) {
        self.state = state
        self.heading = heading
        self.title = title
        self.notes = notes
        self.changes = changes
        self.listed = listed
        self.conflicts = conflicts
    }
}

/// The packets that are treated differently, for the page.
package struct ReviewTraffic {
    package struct Change {
        /// The packets in words.
        package var pattern: String
        package var before: String
        package var after: String
        /// One packet, as a line of `explain --packets`.
        package var example: String
        /// The fields of that packet, under the names of explain's options; nil if it isn't the
        /// first of its connection, about which the page doesn't answer.
        package var question: [(name: String, value: String)]?

        package init(
            pattern: String, before: String, after: String, example: String,
            question: [(name: String, value: String)]?
        ) {
            self.pattern = pattern
            self.before = before
            self.after = after
            self.example = example
            self.question = question
        }
    }

    /// Whether the packets could be compared.
    package var isKnown: Bool
    package var changes: [Change]
    /// Rules of unknown effect; the changes are wrong for packets that match them.
    package var doubts: [String]

    package init(isKnown: Bool, changes: [Change] = [], doubts: [String] = []) {
        self.isKnown = isKnown
        self.changes = changes
        self.doubts = doubts
    }
}
