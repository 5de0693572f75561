/// A part of a value's text, and where in the text it stands.
struct Piece {
    var text: String
    /// In characters from the beginning of the value.
    var offset: Int

    init(_ text: String, offset: Int = 0) {
        self.text = text
        self.offset = offset
    }

    /// Whether it is one item however lists are split, with no spaces around it.
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

    /// The parts between the separators, spaces around each left out; empty parts are kept.
    func split(on separator: Character) -> [Piece] {
        var pieces: [Piece] = []
        var start = offset
        for part in text.split(separator: separator, omittingEmptySubsequences: false) {
            pieces.append(Piece(String(part), offset: start).trimmed)
            start += part.count + 1
        }
        return pieces
    }

    /// Without the spaces at both ends.
    var trimmed: Piece {
        guard text.first == " " || text.last == " " else { return self }
        let leading = text.prefix { $0 == " " }.count
        var trimmed = text.dropFirst(leading)
        while trimmed.last == " " { trimmed.removeLast() }
        return Piece(String(trimmed), offset: offset + leading)
    }
}
