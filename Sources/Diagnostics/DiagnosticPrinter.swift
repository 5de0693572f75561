/// Turns diagnostics into the text a person reads.
///
/// ```
/// tproxy.yaml:7:11: error: port 70000 is outside 1...65535 [port-out-of-range]
///     port: 70000
///           ^~~~~
/// help: choose a port from 1 to 65535
/// ```
package struct DiagnosticPrinter: Sendable {
    /// The maximum width of an excerpt; longer lines are cut around the marked part.
    private let excerptWidth: Int

    /// Creates a printer for a screen of `width` columns, at least 40.
    package init(width: Int = 100) {
        excerptWidth = max(width, 40) - Self.indent.count
    }

    private static let indent = "    "

    /// Returns the text of one diagnostic, with lines separated by `\n` and none at the end.
    package func text(of diagnostic: Diagnostic) -> String {
        var lines: [String] = []
        let place = diagnostic.location.map { "\(Self.shown("\($0)")): " } ?? ""
        lines.append(
            "\(place)\(diagnostic.severity.rawValue): \(Self.shown(diagnostic.message)) [\(diagnostic.id)]"
        )
        if let excerpt = diagnostic.location?.excerpt {
            lines += self.lines(of: excerpt)
        }
        lines += diagnostic.notes.map { "note: \(Self.shown($0))" }
        if let help = diagnostic.help {
            lines.append("help: \(Self.shown(help))")
        }
        return lines.joined(separator: "\n")
    }

    private func lines(of excerpt: SourceLocation.Excerpt) -> [String] {
        // Finding a column takes time proportional to the line, and there may be a diagnostic for
        // each value.
        guard excerpt.line.utf8.count <= Self.maximumLine else { return [] }
        var characters = Array(VisibleText.of(excerpt.line))
        // Behind the end there is nothing to point at, such as an item after the last comma.
        let end = characters.lastIndex { $0 != " " } ?? 0
        var start = excerpt.column - 1 > end ? end : excerpt.column - 1
        if characters.count > excerptWidth {
            let from = max(0, min(start - excerptWidth / 3, characters.count - excerptWidth))
            characters = Array(characters[from..<min(from + excerptWidth, characters.count)])
            start -= from
        }
        let length = max(1, min(excerpt.length, characters.count - start))
        let caret = "^" + String(repeating: "~", count: length - 1)
        return [
            Self.indent + String(characters),
            Self.indent + String(repeating: " ", count: start) + caret,
        ]
    }

    /// The maximum length of a message; longer text, which repeats input of the user, is cut.
    private static let maximumLength = 1000
    /// The maximum length of a line in bytes; of a longer line no excerpt is shown.
    private static let maximumLine = 4096

    /// Returns the text without characters that control a terminal, cut to the maximum length.
    private static func shown(_ text: String) -> String {
        guard text.utf8.count > maximumLength else { return VisibleText.of(text) }
        // By scalars: a single character may have any number of them.
        let beginning = String(text.unicodeScalars.prefix(maximumLength / 2))
        let end = String(text.unicodeScalars.suffix(maximumLength / 4))
        return VisibleText.of(beginning) + " … " + VisibleText.of(end)
    }
}
