/// Text split into words as Python's `shlex.split` splits it, which firewalld uses.
enum ShellSplit {
    /// Nil where firewalld would fail: a quote that isn't closed, or nothing behind a backslash.
    static func words(_ text: String) -> [String]? {
        var words: [String] = []
        var word = ""
        var isWord = false
        var quote: Unicode.Scalar?
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if isEscaped {
                // Between double quotes a backslash stands for itself but before these two.
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
