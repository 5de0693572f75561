/// The statements of an nft file that determine whether a file that it includes stays loaded.
///
/// A statement ends at a semicolon or at the end of the line, `#` begins a comment, and a backslash
/// continues the line (nft(8), "Input file formats").
struct NftStatements {
    enum Statement: Hashable, Sendable {
        /// `include "pattern"`; `isInBlock` if it is within the braces of a table.
        case include(pattern: String, isInBlock: Bool, line: Int)
        /// `flush ruleset` that includes the family inet.
        case flushRuleset(line: Int)
    }

    private enum Token: Hashable {
        case word(String)
        case quoted(String)
    }

    private(set) var found: [Statement] = []
    private var tokens: [Token] = []
    private var depth = 0
    private var line = 1
    /// The line on which the statement began.
    private var start = 1

    init(in text: String) {
        var rest = text.unicodeScalars[...]
        while let scalar = rest.first {
            rest.removeFirst()
            switch scalar {
            case "\n", ";":
                end()
                if scalar == "\n" { line += 1 }
                start = line
            case "#":
                rest = rest.drop { $0 != "\n" }
            case "\"":
                let content = Self.text(rest.prefix { $0 != "\"" && $0 != "\n" })
                rest = rest.drop { $0 != "\"" && $0 != "\n" }
                let isClosed = rest.first == "\""
                if isClosed { rest.removeFirst() }
                tokens.append(isClosed ? .quoted(content) : .word(content))
            case "\\" where rest.first == "\n":
                rest.removeFirst()
                line += 1
            case "{":
                depth += 1
                tokens = []
            case "}":
                end()
                depth -= 1
            case " ", "\t", "\r":
                continue
            case _:
                let word = rest.prefix { !" \t\r\n;{}\"#\\".unicodeScalars.contains($0) }
                tokens.append(.word(String(scalar) + Self.text(word)))
                rest = rest.dropFirst(word.count)
            }
        }
        end()
    }

    private mutating func end() {
        defer { tokens = [] }
        if tokens.count == 2, tokens[0] == .word("include"), case .quoted(let pattern) = tokens[1] {
            found.append(.include(pattern: pattern, isInBlock: depth > 0, line: start))
        }
        let flush: [Token] = [.word("flush"), .word("ruleset")]
        if tokens == flush || tokens == flush + [.word("inet")] {
            found.append(.flushRuleset(line: start))
        }
    }

    private static func text(_ scalars: Substring.UnicodeScalarView) -> String {
        String(String.UnicodeScalarView(scalars))
    }
}
