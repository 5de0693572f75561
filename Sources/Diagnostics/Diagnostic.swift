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

/// A place in something the user wrote: a file, an environment variable, a flag.
package struct SourceLocation: Hashable, Sendable {
    /// A line of the source and the part of it that is meant.
    package struct Excerpt: Hashable, Sendable {
        package var line: String
        /// 1-based, in characters.
        package var column: Int
        /// How many characters are meant; at least 1.
        package var length: Int

        package init(line: String, column: Int, length: Int) {
            self.line = line
            self.column = max(1, column)
            self.length = max(1, length)
        }
    }

    /// A file's path as the user gave it, `<stdin>`, an environment variable's name, a flag.
    package var source: String
    /// 1-based line and column, for a file.
    package var position: (line: Int, column: Int)? {
        get { line.flatMap { line in column.map { (line, $0) } } }
        set {
            line = newValue?.line
            column = newValue?.column
        }
    }
    private var line: Int?
    private var column: Int?
    package var excerpt: Excerpt?

    package init(source: String, line: Int? = nil, column: Int? = nil, excerpt: Excerpt? = nil) {
        self.source = source
        self.line = line
        self.column = column
        self.excerpt = excerpt
    }
}

extension SourceLocation: CustomStringConvertible {
    /// `FILE:LINE:COLUMN`, or the source alone.
    package var description: String {
        position.map { "\(source):\($0.line):\($0.column)" } ?? source
    }
}
