/// Replaces characters that control a terminal or reorder the text on it.
package enum VisibleText {
    /// Returns one line in which each control character, line end, bidi override and zero-width
    /// character is replaced; a tab becomes a space.
    package static func of(_ text: String) -> String {
        if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text }
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    guard isHidden(scalar) else { return scalar }
                    return scalar == "\t" ? " " : "\u{FFFD}"
                }))
    }

    /// Returns several lines, cleaned in the same way; line ends and tabs stay.
    package static func lines(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    scalar == "\n" || scalar == "\t" || !isHidden(scalar) ? scalar : "\u{FFFD}"
                }))
    }

    /// Whether a terminal would not simply show the character.
    package static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        if (0x20...0x7E).contains(scalar.value) { return false }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
        case _: scalar.properties.isDefaultIgnorableCodePoint
        }
    }
}
