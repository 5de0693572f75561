/// A position in a text, for messages.
package struct TextPlace: Hashable, Sendable {
    /// The 1-based line.
    package var line: Int
    /// The 1-based column, in characters.
    package var column: Int
    /// The line without its end, cut to the maximum length.
    package var text: String

    /// Finds the position of a byte offset; each byte that isn't UTF-8 counts as one character.
    package init(_ offset: Int, in bytes: [UInt8]) {
        let offset = min(max(0, offset), bytes.count)
        let newline = UInt8(ascii: "\n")
        let start = bytes[..<offset].lastIndex(of: newline).map { $0 + 1 } ?? 0
        let end = bytes[offset...].firstIndex(of: newline) ?? bytes.count
        line = bytes[..<offset].count { $0 == newline } + 1
        column = String(decoding: bytes[start..<offset], as: UTF8.self).count + 1
        let shown = bytes[start..<max(start, end)].prefix(Self.maximumLength)
        text = String(decoding: shown.last == 0xD ? shown.dropLast() : shown, as: UTF8.self)
    }

    /// More than a terminal shows.
    private static let maximumLength = 400
}
