import Diagnostics

/// Part of a line, with its meaning.
struct Span: Hashable, Sendable {
    /// The meaning of a part, which a terminal shows as colour.
    enum Meaning: Hashable, Sendable {
        case plain
        /// The title of a section.
        case heading
        /// Additional information: reasons, keys, places.
        case aside
        /// The packet goes to the proxy.
        case redirected
        /// The packet keeps its destination.
        case bypassed
        /// The packet is dropped, or there is an error.
        case alarming
        /// There may be an error.
        case doubtful
        /// The state is good.
        case good
    }

    let text: String
    var meaning: Meaning

    /// Replaces characters that control a terminal, since the text may come from other programs.
    init(_ text: String, _ meaning: Meaning = .plain) {
        self.text = VisibleText.of(text)
        self.meaning = meaning
    }
}

extension Span.Meaning {
    /// The SGR parameters (ECMA-48) of the meaning; nil for the terminal's default.
    ///
    /// The eight basic colours follow the user's palette, light or dark.
    var colour: String? {
        switch self {
        case .plain: nil
        case .heading: "1"
        case .aside: "2"
        case .redirected: "36"
        case .bypassed: "33"
        case .alarming: "1;31"
        case .doubtful: "1;33"
        case .good: "32"
        }
    }
}

extension [Span] {
    /// The number of columns.
    var width: Int { reduce(0) { $0 + $1.text.count } }

    /// Returns the text, with colours if `isColoured`.
    func text(isColoured: Bool) -> String {
        map { span in
            guard isColoured, let colour = span.meaning.colour, !span.text.isEmpty else {
                return span.text
            }
            return "\u{1B}[\(colour)m\(span.text)\u{1B}[0m"
        }.joined()
    }
}

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
