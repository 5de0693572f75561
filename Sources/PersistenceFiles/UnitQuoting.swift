/// Quotes arbitrary text so that systemd reads it back unchanged.
///
/// systemd processes, in this order: quotes and backslashes (systemd.syntax(7)), specifiers with
/// `%` (systemd.unit(5)) and, only in command lines, variables with `$` (systemd.service(5)).
enum UnitQuoting {
    /// Quotes one word of a setting with several, such as `Environment=`.
    static func word(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy(isPlainByte)
        return isPlain ? text : "\"" + escaped(text).replacing("\"", with: "\\\"") + "\""
    }

    /// Quotes one argument of a command line.
    static func argument(_ text: String) -> String {
        word(text.replacing("$", with: "$$"))
    }

    /// Escapes a line of `StandardInputText=`, where quotes have no meaning.
    ///
    /// Spaces at both ends are lost.
    static func line(_ text: String) -> String {
        escaped(text)
    }

    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "\\": "\\\\"
            case "%": "%%"
            case "\n": "\\n"
            case "\t": "\\t"
            case "\u{0}"..."\u{1F}", "\u{7F}": "\\x" + hexadecimal(scalar.value)
            case _: String(scalar)
            }
        }.joined()
    }

    private static func hexadecimal(_ value: UInt32) -> String {
        (value < 16 ? "0" : "") + String(value, radix: 16)
    }

    private static func isPlainByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "="), UInt8(ascii: ":"),
            UInt8(ascii: ","):
            true
        case _:
            false
        }
    }
}
