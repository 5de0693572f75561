/// Turns diagnostics into the text a person reads.
///
/// ```
/// tproxy.yaml:7:11: error: port 70000 is outside 1...65535 [port-out-of-range]
///     port: 70000
///           ^~~~~
/// help: choose a port from 1 to 65535
/// ```
package struct DiagnosticPrinter: Sendable {
    /// Longer source lines are cut around the part that is meant.
    private let excerptWidth: Int

    /// `width` is what the reader's screen has; at least 40.
    package init(width: Int = 100) {
        excerptWidth = max(width, 40) - Self.indent.count
    }

    private static let indent = "    "

    /// The text of one diagnostic, lines separated by `\n`, with none at the end.
    package func text(of diagnostic: Diagnostic) -> String {
        var lines: [String] = []
        let place = diagnostic.location.map { "\(Self.visible("\($0)")): " } ?? ""
        lines.append(
            "\(place)\(diagnostic.severity.rawValue): \(Self.visible(diagnostic.message)) [\(diagnostic.id)]"
        )
        if let excerpt = diagnostic.location?.excerpt {
            lines += self.lines(of: excerpt)
        }
        lines += diagnostic.notes.map { "note: \(Self.visible($0))" }
        if let help = diagnostic.help {
            lines.append("help: \(Self.visible(help))")
        }
        return lines.joined(separator: "\n")
    }

    private func lines(of excerpt: SourceLocation.Excerpt) -> [String] {
        var characters = Array(Self.visible(excerpt.line))
        var start = min(excerpt.column - 1, characters.count)
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

    /// Replaces control characters, one for one, so that no input drives the terminal.
    private static func visible(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator:
                        scalar == "\t" ? " " : "\u{FFFD}"
                    default: scalar
                    }
                }))
    }
}
