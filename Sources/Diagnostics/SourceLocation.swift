/// A place in the user's input: in a file, an environment variable or a flag.
package struct SourceLocation: Sendable {
    /// A line of the source with its marked part.
    package struct Excerpt: Hashable, Sendable {
        package var line: String
        /// The 1-based column, in characters.
        package var column: Int
        /// The number of marked characters; at least 1.
        package var length: Int

        package init(line: String, column: Int, length: Int) {
            self.line = line
            self.column = max(1, column)
            self.length = max(1, length)
        }
    }

    /// The storage of a place: numbers that refer to a shared text, or its own text.
    private enum Place: Sendable {
        case inText(SourceText, line: UInt32, column: UInt32, length: UInt32)
        case alone(Alone)
    }

    private final class Alone: Sendable {
        let source: String
        let line: Int?
        let column: Int?
        let excerpt: Excerpt?

        init(source: String, line: Int?, column: Int?, excerpt: Excerpt?) {
            self.source = source
            self.line = line
            self.column = column
            self.excerpt = excerpt
        }
    }

    private var place: Place

    package init(source: String, line: Int? = nil, column: Int? = nil, excerpt: Excerpt? = nil) {
        place = .alone(Alone(source: source, line: line, column: column, excerpt: excerpt))
    }

    /// Creates the place of `length` characters at a 1-based line and column of a file.
    package init(in text: SourceText, line: Int, column: Int, length: Int) {
        place = .inText(
            text, line: UInt32(clamping: line), column: UInt32(clamping: column),
            length: UInt32(clamping: length))
    }

    /// The path as the user gave it, `<stdin>`, the name of an environment variable, or a flag.
    package var source: String {
        switch place {
        case .inText(let text, _, _, _): text.name
        case .alone(let place): place.source
        }
    }

    /// The 1-based line and column in a file.
    package var position: (line: Int, column: Int)? {
        switch place {
        case .inText(_, let line, let column, _): (Int(line), Int(column))
        case .alone(let place):
            place.line.flatMap { line in place.column.map { (line, $0) } }
        }
    }

    /// The line with its marked part, found on request.
    package var excerpt: Excerpt? {
        switch place {
        case .inText(let text, let line, let column, let length):
            text.line(Int(line)).map {
                Excerpt(line: $0, column: Int(column), length: Int(length))
            }
        case .alone(let place): place.excerpt
        }
    }

    /// Returns the location with `length` characters marked, beginning at `offset`.
    package func narrowed(offset: Int, length: Int) -> SourceLocation {
        if case .inText(let text, let line, let column, _) = place {
            return SourceLocation(
                in: text, line: Int(line), column: Int(column) + offset, length: length)
        }
        return SourceLocation(
            source: source, line: position?.line, column: position.map { $0.column + offset },
            excerpt: excerpt.map {
                Excerpt(line: $0.line, column: $0.column + offset, length: length)
            })
    }

    /// Returns the same excerpt at another line of the source.
    package func moved(toLine line: Int) -> SourceLocation {
        SourceLocation(
            source: source, line: line, column: position?.column ?? 1, excerpt: excerpt)
    }
}

extension SourceLocation: Hashable {
    /// Two locations are equal if they print the same.
    package static func == (left: Self, right: Self) -> Bool {
        left.source == right.source && left.position?.line == right.position?.line
            && left.position?.column == right.position?.column && left.excerpt == right.excerpt
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(source)
        hasher.combine(position?.line)
        hasher.combine(position?.column)
    }
}

extension SourceLocation: CustomStringConvertible {
    /// `FILE:LINE:COLUMN`, or the source alone.
    package var description: String {
        position.map { "\(source):\($0.line):\($0.column)" } ?? source
    }
}
