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
