/// Text that can't drive a terminal, or make a reader see it in another order.
package enum VisibleText {
    /// One line: every control character, line end, bidi override and zero-width character is
    /// replaced, one for one; a tab by a space.
    package static func of(_ text: String) -> String {
        if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text }
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    guard isHidden(scalar) else { return scalar }
                    return scalar == "\t" ? " " : "\u{FFFD}"
                }))
    }

    /// The same for several lines, which stay as many; tabs stay, too.
    package static func lines(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    scalar == "\n" || scalar == "\t" || !isHidden(scalar) ? scalar : "\u{FFFD}"
                }))
    }

    /// Whether a terminal would do something else with it than show it.
    package static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        if (0x20...0x7E).contains(scalar.value) { return false }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
        case _: scalar.properties.isDefaultIgnorableCodePoint
        }
    }
}
