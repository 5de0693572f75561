import Diagnostics
import TproxyConfigYAML

/// Lines that tproxy adds to a manifest, between two comments by which it finds them again.
struct MarkedLines {
    /// The line before which they are inserted; counts from 1.
    var line: Int
    var column: Int
    var lines: [String]

    private static let begin = "# tproxy:begin"
    private static let end = "# tproxy:end"
    /// Ends the first comment where the text before it had no line end, which `ejecting` restores.
    private static let joined = " (after a line without an end)"

    /// Returns the text with all of `blocks`, and the numbers of the new lines.
    static func inserting(
        _ blocks: [MarkedLines], into source: SourceText
    ) -> (text: String, lines: Set<Int>) {
        let bytes = Array(source.text.utf8)
        let lineEnd = source.text.utf8.usesCarriageReturns ? "\r\n" : "\n"
        let isEnded = bytes.isEmpty || bytes.last == UInt8(ascii: "\n")
        var text: [UInt8] = []
        var new: Set<Int> = []
        var copied = 0
        var shift = 0
        for block in blocks.sorted(by: { $0.line < $1.line }) {
            let offset = source.offset(ofLine: block.line)
            text += bytes[copied..<offset]
            copied = offset
            let isJoined = offset == bytes.count && !isEnded
            let lines = block.marked(isJoined: isJoined)
            text += (isJoined ? lineEnd : "").utf8
            text += lines.joined(separator: lineEnd).utf8
            text += (isJoined ? "" : lineEnd).utf8
            let first = min(block.line, source.lineCount + (isEnded ? 0 : 1)) + shift
            new.formUnion(first..<first + lines.count)
            shift += lines.count
        }
        text += bytes[copied...]
        return (String(decoding: text, as: UTF8.self), new)
    }

    private func marked(isJoined: Bool) -> [String] {
        let indent = String(repeating: " ", count: column - 1)
        return [indent + Self.begin + (isJoined ? Self.joined : "")]
            + lines.map { $0.isEmpty ? "" : indent + $0 } + [indent + Self.end]
    }

    /// Returns the text without the lines that `inserting` added, exactly as it was before.
    static func ejecting(from source: SourceText) throws(ManifestProblem) -> String {
        let comments = try Self.comments(in: source)
        guard !comments.isEmpty else { return source.text }
        let bytes = Array(source.text.utf8)
        var text: [UInt8] = []
        var copied = 0
        var open: (line: Int, isJoined: Bool)?
        for (line, comment) in comments {
            switch (comment, open) {
            case (.begin(let isJoined), nil):
                var offset = source.offset(ofLine: line)
                if isJoined { offset -= bytes[..<offset].lineEndLength }
                text += bytes[copied..<max(copied, offset)]
                open = (line, isJoined)
            case (.end, let begin?):
                // A joined block has no line end of its own; one that was added since stays.
                copied = source.offset(ofLine: line + 1)
                if begin.isJoined { copied -= bytes[..<copied].lineEndLength }
                open = nil
            case (.begin, _?), (.end, nil):
                throw ManifestProblem(.unpairedComment(in: source, line: line))
            }
        }
        if let open { throw ManifestProblem(.unpairedComment(in: source, line: open.line)) }
        text += bytes[copied...]
        return String(decoding: text, as: UTF8.self)
    }

    private enum Comment {
        case begin(isJoined: Bool)
        case end
    }

    /// Returns our comments with their lines; the same text inside a value is none.
    private static func comments(
        in source: SourceText
    ) throws(ManifestProblem) -> [(line: Int, comment: Comment)] {
        var found: [(line: Int, comment: Comment)] = []
        for number in 1...source.lineCount {
            guard let line = source.line(number) else { continue }
            let text = String(line.drop { $0 == " " })
            switch text {
            case begin: found.append((number, .begin(isJoined: false)))
            case begin + joined: found.append((number, .begin(isJoined: true)))
            case end: found.append((number, .end))
            case _: continue
            }
        }
        guard !found.isEmpty else { return [] }
        do throws(YAMLDocument.Problem) {
            let inside = try YAMLStream(source).linesInsideTexts
            return found.filter { !inside.contains($0.line) }
        } catch {
            throw ManifestProblem(error.diagnostics)
        }
    }
}

extension String.UTF8View {
    /// Whether the first line ends with CR LF.
    fileprivate var usesCarriageReturns: Bool {
        guard let end = firstIndex(of: UInt8(ascii: "\n")), end > startIndex else { return false }
        return self[index(before: end)] == UInt8(ascii: "\r")
    }
}

extension ArraySlice<UInt8> {
    /// The length of the line end that the bytes end with: 0, 1 or 2.
    fileprivate var lineEndLength: Int {
        guard last == UInt8(ascii: "\n") else { return 0 }
        return dropLast().last == UInt8(ascii: "\r") ? 2 : 1
    }
}
