/// Encodes a rule's arguments for firewalld, which passes them to iptables-restore(8).
///
/// firewalld splits an element's text as a POSIX shell does (`shlex.split`). It encloses each
/// argument that contains white space in double quotes, unless it begins and ends with them, and
/// escapes nothing. So arguments that iptables-restore(8) would misread must already be quoted.
package enum ArgumentText {
    /// Returns the text of arguments, before XML escaping.
    package static func text(_ arguments: [String]) -> String {
        arguments.map { shellQuoted(restoreQuoted($0)) }.joined(separator: " ")
    }

    /// Returns the argument that firewalld must hold so that iptables-restore(8) reads `argument`.
    static func restoreQuoted(_ argument: String) -> String {
        let escaped = argument.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        if argument.utf8.contains(where: isPythonSpace) { return escaped }
        return argument.isEmpty || argument.utf8.contains(UInt8(ascii: "\""))
            ? "\"\(escaped)\"" : argument
    }

    /// Returns the text that iptables-restore(8) receives for an argument that firewalld holds.
    static func submitted(_ argument: String) -> String {
        let isQuoted = argument.hasPrefix("\"") && argument.hasSuffix("\"")
        return argument.utf8.contains(where: isPythonSpace) && !isQuoted
            ? "\"\(argument)\"" : argument
    }

    /// Quotes like Python's `shlex.quote`, which firewalld uses, so that a rewrite changes nothing.
    static func shellQuoted(_ argument: String) -> String {
        let isPlain = !argument.isEmpty && argument.utf8.allSatisfy(isSafe)
        return isPlain ? argument : "'\(argument.replacing("'", with: "'\"'\"'"))'"
    }

    private static func isSafe(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case _: "_@%+=:,./-".utf8.contains(byte)
        }
    }

    /// Whether the byte is in Python's `string.whitespace`.
    private static func isPythonSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (9...13).contains(byte)
    }
}
