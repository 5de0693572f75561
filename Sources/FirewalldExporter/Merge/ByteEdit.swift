/// A replacement of bytes in a document.
struct ByteEdit {
    var range: Range<Int>
    var replacement: [UInt8] = []
}

extension [UInt8] {
    /// Returns the bytes after all edits; ranges may overlap.
    func applying(_ edits: [ByteEdit]) -> [UInt8] {
        var result: [UInt8] = []
        var position = startIndex
        for edit in edits.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            result += self[position..<Swift.max(position, edit.range.lowerBound)]
            result += edit.replacement
            position = Swift.max(position, edit.range.upperBound)
        }
        return result + self[position...]
    }

    /// Extends a range to its whole line if the line contains nothing else.
    func line(around range: Range<Int>) -> Range<Int> {
        let start = range.lowerBound - indentation(before: range.lowerBound).count
        guard start == startIndex || self[start - 1] == UInt8(ascii: "\n") else { return range }
        var end = range.upperBound
        while end < endIndex, self[end].isBlank { end += 1 }
        if end < endIndex, self[end] == UInt8(ascii: "\r") { end += 1 }
        guard end < endIndex, self[end] == UInt8(ascii: "\n") else { return range }
        return start..<(end + 1)
    }

    /// Returns the blanks directly before an offset.
    func indentation(before offset: Int) -> ArraySlice<UInt8> {
        var start = offset
        while start > startIndex, self[start - 1].isBlank { start -= 1 }
        return self[start..<offset]
    }
}

extension UInt8 {
    /// Whether the byte is a space or a tab.
    fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
}

/// The line ends and the indentation of a file, which our block follows.
struct Layout {
    var lineEnd: [UInt8]
    /// The white space before an element in the root.
    var indentation: [UInt8]

    /// The layout of files that firewalld writes.
    static let standard = Layout(lineEnd: Array("\n".utf8), indentation: Array("  ".utf8))

    init(lineEnd: [UInt8], indentation: [UInt8]) {
        self.lineEnd = lineEnd
        self.indentation = indentation
    }

    /// Detects the layout of the file; defaults to that of firewalld.
    init(of document: DirectDocument) {
        self = .standard
        let bytes = document.bytes
        if let end = bytes.firstIndex(of: UInt8(ascii: "\n")), end > 0,
            bytes[end - 1] == UInt8(ascii: "\r")
        {
            lineEnd = Array("\r\n".utf8)
        }
        for node in document.nodes {
            let blanks = bytes.indentation(before: node.range.lowerBound)
            if blanks.startIndex > 0, bytes[blanks.startIndex - 1] == UInt8(ascii: "\n") {
                indentation = Array(blanks)
                return
            }
        }
    }
}
