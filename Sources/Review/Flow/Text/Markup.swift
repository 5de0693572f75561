/// Text inside XML and HTML.
package enum Markup {
    /// Returns the text as the content of an element or of a quoted attribute.
    ///
    /// Characters that XML 1.0 forbids become U+FFFD.
    package static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\t", "\n": escaped.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
                escaped.unicodeScalars.append("\u{FFFD}")
            case _: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
