/// A place in a text, for people.
package struct TextPlace: Hashable, Sendable {
    /// 1-based.
    package var line: Int
    /// 1-based, in characters.
    package var column: Int
    /// The whole line, without its end.
    package var text: String

    /// Bytes that aren't UTF-8 count as one character each.
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
