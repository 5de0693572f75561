/// Words of a command line for sh(1).
package enum ShellWord {
    /// Returns the text as one word; in single quotes unless it has only letters, digits, `_-./` and
    /// characters of `plain`.
    package static func quoted(_ text: String, plain: String = "") -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            case _: "_-./".utf8.contains(byte) || plain.utf8.contains(byte)
            }
        }
        guard !isPlain || text.isEmpty else { return text }
        let parts = text.split(separator: "'", omittingEmptySubsequences: false)
        return "'" + parts.joined(separator: "'\\''") + "'"
    }
}
