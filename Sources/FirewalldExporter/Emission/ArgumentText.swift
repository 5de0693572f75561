import TextSearch

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
        let escaped = argument.replacing(text: "\\", with: "\\\\")
            .replacing(text: "\"", with: "\\\"")
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
        return isPlain ? argument : "'\(argument.replacing(text: "'", with: "'\"'\"'"))'"
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

/// Splits text into words like Python's `shlex.split`, which firewalld uses.
enum ShellSplit {
    /// Returns the words; nil where firewalld fails: an open quote, or a backslash at the end.
    static func words(_ text: String) -> [String]? {
        var words: [String] = []
        var word = ""
        var isWord = false
        var quote: Unicode.Scalar?
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if isEscaped {
                // In double quotes a backslash is literal except before these two characters.
                if quote != nil, scalar != "\"", scalar != "\\" { word.unicodeScalars.append("\\") }
                word.unicodeScalars.append(scalar)
                isEscaped = false
            } else if let open = quote {
                if scalar == open {
                    quote = nil
                } else if scalar == "\\", open == "\"" {
                    isEscaped = true
                } else {
                    word.unicodeScalars.append(scalar)
                }
            } else if scalar == "\"" || scalar == "'" {
                quote = scalar
                isWord = true
            } else if scalar == "\\" {
                isEscaped = true
                isWord = true
            } else if scalar == " " || scalar == "\t" || scalar == "\r" || scalar == "\n" {
                if isWord { words.append(word) }
                word = ""
                isWord = false
            } else {
                word.unicodeScalars.append(scalar)
                isWord = true
            }
        }
        guard quote == nil, !isEscaped else { return nil }
        return isWord ? words + [word] : words
    }
}
