/// A rule's arguments on their way through firewalld to iptables-restore(8).
///
/// firewalld splits an element's text as a POSIX shell does (`shlex.split`). To each argument with
/// white space in it, it adds double quotes, unless they are there, and escapes nothing; so what
/// iptables-restore(8) would misread must be quoted already.
package enum ArgumentText {
    /// The text of arguments, before XML takes its own characters out.
    package static func text(_ arguments: [String]) -> String {
        arguments.map { shellQuoted(restoreQuoted($0)) }.joined(separator: " ")
    }

    /// What firewalld must hold, so that iptables-restore(8) reads `argument`.
    static func restoreQuoted(_ argument: String) -> String {
        let escaped = argument.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        if argument.utf8.contains(where: isPythonSpace) { return escaped }
        return argument.isEmpty || argument.utf8.contains(UInt8(ascii: "\""))
            ? "\"\(escaped)\"" : argument
    }

    /// As Python's `shlex.quote`, by which firewalld writes: the file stays the same when firewalld
    /// has rewritten it.
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

    /// A member of `string.whitespace`.
    private static func isPythonSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (9...13).contains(byte)
    }
}
