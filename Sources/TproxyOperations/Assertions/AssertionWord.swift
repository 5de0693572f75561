/// A word of an assertion.
struct AssertionWord {
    /// Words that begin a part of a pattern and so end a list.
    private static let keywords: Set = [
        "not", "to", "from", "of", "on", "via", "over", "except", "or", "and", "port", "uid",
    ]

    /// The text, without quotes and a comma.
    var text: String
    /// The text in lower case; empty for a quoted word, which is never a keyword.
    var keyword: String
    /// The column of the first character, from 1.
    var column: Int
    /// The number of characters.
    var length: Int
    var isBeforeComma = false
    /// Whether a colon after the word separates the pattern from the outcome.
    var isBeforeColon = false

    static func isKeyword(_ text: String) -> Bool { keywords.contains(text.lowercased()) }

    var isKeyword: Bool { Self.isKeyword(keyword) }

    /// Splits a line at spaces, up to a comment.
    static func words(of line: Substring) -> [AssertionWord] {
        var words: [AssertionWord] = []
        var column = 1
        var rest = line
        while let first = rest.first, first != "#" {
            guard !isSpace(first) else {
                rest = rest.dropFirst()
                column += 1
                continue
            }
            let raw = rest.prefix { !isSpace($0) }
            words.append(AssertionWord(raw, column: column))
            column += raw.count
            rest = rest[raw.endIndex...]
        }
        return words
    }

    private init(_ raw: Substring, column: Int) {
        var text = raw
        length = raw.count
        self.column = column
        if text.last == ",", text.count > 1 {
            isBeforeComma = true
            text = text.dropLast()
        }
        if text.count > 2, text.first == "\"", text.last == "\"" {
            self.text = String(text.dropFirst().dropLast())
            keyword = ""
        } else {
            self.text = String(text)
            keyword = text.lowercased()
        }
    }

    /// Removes a colon from the end; returns nil if the word has none.
    func withoutColon() -> AssertionWord? {
        guard text.last == ":" else { return nil }
        var word = self
        word.text = String(text.dropLast())
        if word.text.count > 2, word.text.first == "\"", word.text.last == "\"" {
            word.text = String(word.text.dropFirst().dropLast())
            word.keyword = ""
        } else {
            word.keyword = word.text.lowercased()
        }
        word.length = max(1, length - 1)
        word.isBeforeColon = true
        return word
    }

    private static func isSpace(_ character: Character) -> Bool {
        character == " " || character == "\t" || character == "\r"
    }
}
