extension [Span] {
    /// Breaks the line at spaces into lines of at most `width` columns.
    ///
    /// Lines after the first are indented by `hanging` spaces. A word longer than a line is split.
    /// Without a `width`, the result is one line.
    func wrapped(to width: Int?, hanging: Int = 0) -> [[Span]] {
        guard let width, self.width > width else { return [self] }
        var wrapping = LineWrapping(width: width, hanging: Swift.min(hanging, width / 2))
        for span in self {
            for (index, word) in span.text.split(separator: " ", omittingEmptySubsequences: false)
                .enumerated()
            {
                if index > 0 { wrapping.addSpace() }
                wrapping.add(Substring(word), span.meaning)
            }
        }
        return wrapping.finished
    }
}

/// Lines under construction.
private struct LineWrapping {
    private let width: Int
    private let hanging: Int
    private var lines: [[Span]] = []
    private var line: [Span] = []
    /// The number of columns in use on the current line.
    private var used = 0
    private var spaces = 0
    private var hasWord = false

    init(width: Int, hanging: Int) {
        self.width = Swift.max(width, 1)
        self.hanging = hanging
    }

    var finished: [[Span]] {
        lines + [line]
    }

    mutating func addSpace() {
        spaces += 1
    }

    mutating func add(_ word: Substring, _ meaning: Span.Meaning) {
        var rest = word
        // Counted once: a word may be as long as a file.
        var count = rest.count
        guard count > 0 else { return }
        if hasWord, spaces > 0, used + spaces + count > width { breakLine() }
        while used + spaces + count > width, used + spaces < width, count > width - hanging {
            let room = width - used - spaces
            put(rest.prefix(room), meaning)
            rest = rest.dropFirst(room)
            count -= room
            breakLine()
        }
        if used + spaces + count > width, hasWord { breakLine() }
        put(rest, meaning)
    }

    private mutating func put(_ text: Substring, _ meaning: Span.Meaning) {
        if spaces > 0 { line.append(Span(String(repeating: " ", count: spaces))) }
        line.append(Span(String(text), meaning))
        used += spaces + text.count
        spaces = 0
        hasWord = true
    }

    private mutating func breakLine() {
        lines.append(line)
        line = hanging > 0 ? [Span(String(repeating: " ", count: hanging))] : []
        used = hanging
        spaces = 0
        hasWord = false
    }
}
