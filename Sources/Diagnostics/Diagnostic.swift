/// A message to the user about their input, as data.
///
/// Messages are in lower case, with names in single quotes and without a full stop. The remedy is
/// in `help`, in the imperative.
package struct Diagnostic: Hashable, Sendable {
    /// The severity of a message.
    package enum Severity: String, Hashable, Sendable {
        case error
        case warning
        case note
    }

    package var severity: Severity
    /// A stable name such as `port-out-of-range`; scripts may rely on it.
    package var id: String
    package var message: String
    /// The origin of the value; nil if there is no single place.
    package var location: SourceLocation?
    package var notes: [String]
    /// The remedy.
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

    /// The message and the remedy on one line, for a program or a log.
    package var messageAndHelp: String { message + (help.map { "; \($0)" } ?? "") }

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
    /// The maximum number of diagnostics to print; a count of the others follows.
    package static let shownAtOnce = 100
}
