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
        let space = UInt8(ascii: " ")
        return text.utf8.first != space && text.utf8.last != space
            && !text.utf8.contains { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: ";") }
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
