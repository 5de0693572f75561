import Diagnostics

/// A text split into lines once, for excerpts.
struct SourceLines {
    let source: String
    let lines: [String]
    /// The text for the parser: JSON may be indented with tabs, which YAML forbids.
    let yaml: String

    init(_ text: String, source: String) {
        self.source = source
        let isJSON = text.first { !$0.isWhitespace } == "{"
        yaml = isJSON ? String(text.map { $0 == "\t" ? " " : $0 }) : text
        lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .map(String.init)
    }

    /// The place of `length` characters at a 1-based line and column.
    func location(line: Int, column: Int, length: Int) -> SourceLocation {
        let excerpt = lines.indices.contains(line - 1) ? lines[line - 1] : nil
        return SourceLocation(
            source: source, line: line, column: column,
            excerpt: excerpt.map { .init(line: $0, column: column, length: length) })
    }
}
