/// Something to tell the user about what they gave us, as data.
///
/// Messages are written lower case, with names in single quotes and no full stop; the remedy goes
/// to `help`, in the imperative.
package struct Diagnostic: Hashable, Sendable {
    /// How bad it is.
    package enum Severity: String, Hashable, Sendable {
        case error
        case warning
        case note
    }

    package var severity: Severity
    /// A stable name such as `port-out-of-range`; scripts may rely on it.
    package var id: String
    package var message: String
    /// Where the value came from; nil when no one place is to blame.
    package var location: SourceLocation?
    package var notes: [String]
    /// What to do about it.
    package var help: String?

    package init(
        _ severity: Severity, id: String, _ message: String, at location: SourceLocation? = nil,
        notes: [String] = [], help: String? = nil
    ) {
        self.severity = severity
        self.id = id
        self.message = message
        self.location = location
        self.notes = notes
        self.help = help
    }

    package static func error(
        id: String, _ message: String, at location: SourceLocation? = nil, notes: [String] = [],
        help: String? = nil
    ) -> Self {
        Self(.error, id: id, message, at: location, notes: notes, help: help)
    }

    package static func warning(
        id: String, _ message: String, at location: SourceLocation? = nil, notes: [String] = [],
        help: String? = nil
    ) -> Self {
        Self(.warning, id: id, message, at: location, notes: notes, help: help)
    }
}

extension Diagnostic {
    /// Of a file that is wrong all over, so many are shown, and how many more there are.
    package static let shownAtOnce = 100
}
