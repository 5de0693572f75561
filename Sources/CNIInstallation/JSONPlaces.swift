import JSON

/// The places of members and items in the bytes of a JSON text.
///
/// The text must be valid, as the parser has found it.
struct JSONPlaces {
    struct Member {
        var name: String
        var value: Range<Int>
    }

    let bytes: [UInt8]

    /// Returns the members of the object that begins at or after `start`, in the order of the text.
    func members(from start: Int) -> [Member] {
        var members: [Member] = []
        forEachPart(from: start) { range in
            let nameEnd = end(ofValueAt: range.lowerBound)
            var value = skippingSpace(from: nameEnd)
            // The colon.
            value = skippingSpace(from: value + 1)
            let text = String(decoding: bytes[range.lowerBound..<nameEnd], as: UTF8.self)
            let name = (try? JSONValue(parsing: text))?.string ?? ""
            members.append(Member(name: name, value: value..<range.upperBound))
        }
        return members
    }

    /// Returns the items of the array that begins at or after `start`.
    func items(from start: Int) -> [Range<Int>] {
        var items: [Range<Int>] = []
        forEachPart(from: start) { items.append($0) }
        return items
    }

    /// Calls `body` with each member or item: its first byte to the end of its value.
    private func forEachPart(from start: Int, _ body: (Range<Int>) -> Void) {
        var place = skippingSpace(from: skippingSpace(from: start) + 1)
        while place < bytes.count, !isClosing(bytes[place]) {
            let first = place
            // The end of a member's name isn't the end of the member.
            var last = end(ofValueAt: place)
            place = skippingSpace(from: last)
            if place < bytes.count, bytes[place] == UInt8(ascii: ":") {
                last = end(ofValueAt: skippingSpace(from: place + 1))
                place = skippingSpace(from: last)
            }
            body(first..<last)
            if place < bytes.count, bytes[place] == UInt8(ascii: ",") {
                place = skippingSpace(from: place + 1)
            }
        }
    }

    /// Returns the end of the value whose first byte is at `start`.
    private func end(ofValueAt start: Int) -> Int {
        var place = start
        var depth = 0
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                place = end(ofStringAt: place)
                if depth == 0 { return place }
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                place += 1
            case let byte where isClosing(byte):
                // The end of the object or array around a number or a word.
                guard depth > 0 else { return place }
                depth -= 1
                place += 1
                if depth == 0 { return place }
            case let byte where depth == 0 && (byte == UInt8(ascii: ",") || isSpace(byte)):
                return place
            case _: place += 1
            }
        }
        return place
    }

    private func end(ofStringAt start: Int) -> Int {
        var place = start + 1
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
            place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(place + 1, bytes.count)
    }

    private func skippingSpace(from start: Int) -> Int {
        var place = start
        while place < bytes.count, isSpace(bytes[place]) { place += 1 }
        return place
    }

    private func isClosing(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}")
    }

    private func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }
}
