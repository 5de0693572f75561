/// The time at which rules were loaded, in UTC and to the second: `2026-11-30T14:40:02Z`.
package struct LoadTime: Hashable, Sendable, CustomStringConvertible {
    private static let form = Array("0000-00-00T00:00:00Z".utf8)

    /// The form of RFC 3339.
    package let description: String

    /// Reads a time; nil for any other text.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == Self.form.count,
            zip(bytes, Self.form).allSatisfy({ byte, form in
                form == UInt8(ascii: "0")
                    ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) : byte == form
            })
        else { return nil }
        description = text
    }

    /// The time for people: `2026-11-30 14:40:02 UTC`.
    package var words: String {
        "\(description.prefix(10)) \(description.dropFirst(11).dropLast()) UTC"
    }
}
