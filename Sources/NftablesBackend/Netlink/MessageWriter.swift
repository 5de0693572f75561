import CMnl
import Glibc

#if _endian(big)
    #error(
        "words are packed as little-endian machines keep them; Swift's Linuxes are all little-endian"
    )
#endif

/// Netlink messages in one buffer, as described in netlink(7).
///
/// Messages, attributes and values begin at multiples of 4 bytes, so the buffer consists of 32-bit
/// words. Attributes need no allocation of their own: a set may have 100,000 elements.
struct MessageWriter {
    /// A number with a C name: an attribute of an object, or a message.
    typealias Name = RawRepresentable<UInt32>

    private(set) var words: [UInt32] = []
    private var lastMessage: Int?

    /// The bytes written so far.
    var byteCount: Int { words.count * 4 }

    /// Writes one message with an nfnetlink header (`struct nfgenmsg`); `body` writes attributes.
    mutating func message(
        _ type: Int, flags: Int32, family: Int32, resource: UInt16 = 0, number: UInt32,
        _ body: (inout Self) -> Void = { _ in }
    ) {
        let start = words.count
        let allFlags = UInt32(flags | NLM_F_REQUEST)
        let version = UInt32(NFNETLINK_V0)
        lastMessage = start
        words += [
            0, UInt32(type) | allFlags << 16, number, 0,
            UInt32(family) | version << 8 | UInt32(resource.bigEndian) << 16,
        ]
        body(&self)
        words[start] = UInt32((words.count - start) * 4)
    }

    /// Requests an answer to the last message even on success (NLM_F_ACK).
    mutating func acknowledgeLast() {
        guard let lastMessage else { return }
        words[lastMessage + 1] |= UInt32(NLM_F_ACK) << 16
    }

    /// Writes an attribute that consists of attributes.
    @inline(__always)
    mutating func nest(_ name: some Name, _ body: (inout Self) -> Void) {
        let start = words.count
        words.append(0)
        body(&self)
        words[start] = Self.header((words.count - start) * 4, name.rawValue | Self.nested)
    }

    /// Writes a number in network byte order, as most numbers of nf_tables are.
    @inline(__always)
    mutating func put(_ name: some Name, _ number: UInt32) {
        words.append(Self.header(8, name.rawValue))
        words.append(number.bigEndian)
    }

    /// Replaces the number in the first attribute of the first message, if it has this name.
    mutating func replaceFirst(_ name: some Name, by number: UInt32) {
        let place = 5
        guard place + 1 < words.count, words[place] == Self.header(8, name.rawValue) else { return }
        words[place + 1] = number.bigEndian
    }

    /// Writes text with a terminating NUL.
    mutating func put(_ name: some Name, text: String) {
        put(name, bytes: Array(text.utf8) + [0])
    }

    mutating func put(_ name: some Name, bytes: [UInt8]) {
        words.append(Self.header(4 + bytes.count, name.rawValue))
        for start in stride(from: 0, to: bytes.count, by: 4) {
            var word: UInt32 = 0
            for index in start..<min(start + 4, bytes.count) {
                word |= UInt32(bytes[index]) << UInt32(8 * (index - start))
            }
            words.append(word)
        }
    }

    /// Writes whole attributes as the kernel sent them.
    mutating func put(verbatim attributes: some Sequence<UInt32>) {
        words.append(contentsOf: attributes)
    }

    /// Writes a word that is already in memory order.
    @inline(__always)
    mutating func put(_ name: some Name, word: UInt32) {
        words.append(Self.header(8, name.rawValue))
        words.append(word)
    }

    /// Writes a 16-byte number in network byte order.
    @inline(__always)
    mutating func put(_ name: some Name, address: UInt128) {
        words.append(Self.header(20, name.rawValue))
        let swapped = address.bigEndian
        for shift in [UInt128(0), 32, 64, 96] {
            words.append(UInt32(truncatingIfNeeded: swapped >> shift))
        }
    }

    /// Returns the text of `name`, the first attribute of the attribute `outer` at a word.
    func text(_ name: some Name, in outer: some Name, at place: Int) -> String? {
        guard place + 1 < words.count, words[place] >> 16 & ~Self.nested == outer.rawValue,
            words[place + 1] >> 16 == name.rawValue
        else { return nil }
        let count = Int(words[place + 1] & 0xFFFF) - 4
        guard count > 0, place + 2 + (count + 3) / 4 <= words.count else { return nil }
        let bytes = words[(place + 2)..<(place + 2 + (count + 3) / 4)].flatMap(\.hostBytes)
        return String(decoding: bytes.prefix(count).prefix { $0 != 0 }, as: UTF8.self)
    }

    private static let nested: UInt32 = 1 << 15

    /// Returns a `struct nlattr`: length and type, 16 bits each.
    @inline(__always)
    private static func header(_ length: Int, _ type: UInt32) -> UInt32 {
        UInt32(truncatingIfNeeded: length) | type << 16
    }
}
