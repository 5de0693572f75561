/// Part of the text of a value, with its position.
struct Piece {
    var text: String
    /// The offset from the beginning of the value, in characters.
    var offset: Int

    init(_ text: String, offset: Int = 0) {
        self.text = text
        self.offset = offset
    }

    /// Whether the text has no separator of any kind of list and no space at either end.
    var isOneItem: Bool {
        let bytes = text.utf8.span
        for index in bytes.indices {
            switch bytes[index] {
            case UInt8(ascii: ","), UInt8(ascii: ";"): return false
            case UInt8(ascii: " ") where index == 0 || index == bytes.count - 1: return false
            case _: continue
            }
        }
        return true
    }

    /// Returns the parts between separators, without surrounding spaces; empty parts are kept.
    func split(on separator: Character) -> [Piece] {
        var pieces: [Piece] = []
        var start = offset
        for part in text.split(separator: separator, omittingEmptySubsequences: false) {
            pieces.append(Piece(String(part), offset: start).trimmed)
            start += part.count + 1
        }
        return pieces
    }

    /// The piece without the spaces at both ends.
    var trimmed: Piece {
        guard text.first == " " || text.last == " " else { return self }
        let leading = text.prefix { $0 == " " }.count
        var trimmed = text.dropFirst(leading)
        while trimmed.last == " " { trimmed.removeLast() }
        return Piece(String(trimmed), offset: offset + leading)
    }
}
