/// The limit of nesting in JSON, checked before a parser reads the text.
///
/// libjansson recurses for each level, and so do the readers of its tree. No document of ours or of
/// nft comes near the limit.
enum JSONNesting {
    static let limit = 32

    /// Whether brackets outside strings nest no deeper than the limit.
    ///
    /// The text need not be JSON.
    static func isWithinLimit(_ text: String) -> Bool {
        var depth = 0
        var strings = JSONStringScan()
        let bytes = text.utf8.span
        for index in bytes.indices {
            let byte = bytes[index]
            if strings.take(byte) { continue }
            switch byte {
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                if depth > limit { return false }
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
            case _: continue
            }
        }
        return true
    }
}
