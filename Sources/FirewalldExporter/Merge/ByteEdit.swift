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
