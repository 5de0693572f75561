/// The attributes of a message or of another attribute, as the kernel sent them.
///
/// An attribute that doesn't fit ends the list.
struct AttributeList: Sequence {
    /// The words after the headers.
    let words: ArraySlice<UInt32>

    init(_ words: ArraySlice<UInt32>) {
        self.words = words
    }

    /// Creates the attributes of an nfnetlink message, which follow two headers.
    init(message: ArraySlice<UInt32>) {
        words = message.dropFirst(5)
    }

    /// Returns the first attribute of this name; nil if there is none.
    subscript(name: some MessageWriter.Name) -> Attribute? {
        first { $0.type == name.rawValue }
    }

    func makeIterator() -> Iterator { Iterator(words: words, place: words.startIndex) }

    struct Iterator: IteratorProtocol {
        fileprivate let words: ArraySlice<UInt32>
        fileprivate var place: Int

        mutating func next() -> Attribute? {
            guard place < words.endIndex else { return nil }
            let length = Int(words[place] & 0xFFFF)
            let end = place + (length + 3) / 4
            guard length >= 4, end <= words.endIndex else { return nil }
            defer { place = end }
            // The two highest bits aren't part of the type (NLA_F_NESTED, NLA_F_NET_BYTEORDER).
            return Attribute(
                type: words[place] >> 16 & 0x3FFF, byteCount: length - 4,
                words: words[(place + 1)..<end])
        }
    }
}

/// One attribute: its type and its value.
struct Attribute {
    let type: UInt32
    let byteCount: Int
    /// The words of the value; the last one may have padding.
    let words: ArraySlice<UInt32>

    var nested: AttributeList { AttributeList(words) }

    /// The value as a number in network byte order.
    var number: UInt32 { words.first?.bigEndian ?? 0 }

    /// The value as a 64-bit number in network byte order.
    var longNumber: UInt64 {
        words.prefix(2).reduce(0) { $0 << 32 | UInt64($1.bigEndian) }
    }

    /// The value of up to 16 bytes as a number in network byte order.
    var wideNumber: UInt128 {
        let spare = words.count * 32 - byteCount * 8
        return words.prefix(4).reduce(UInt128(0)) { $0 << 32 | UInt128($1.bigEndian) }
            >> UInt128(Swift.max(spare, 0))
    }

    var bytes: [UInt8] {
        unsafe words.withUnsafeBytes { unsafe Array($0.prefix(byteCount)) }
    }

    /// Text up to its NUL.
    var text: String {
        unsafe words.withUnsafeBytes { bytes in
            unsafe String(decoding: bytes.prefix(byteCount).prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    var isZero: Bool { bytes.allSatisfy { $0 == 0 } }
}
