/// How deep JSON may nest, before a parser sees it.
///
/// Parsers of JSON call themselves for each level, and so do our readers of what they made. No document of
/// ours or of nft comes near the limit.
package enum JSONNesting {
    package static let limit = 32

    /// Whether brackets outside strings nest no deeper than the limit; whether the text is JSON is not
    /// looked at.
    package static func isBearable(_ text: String) -> Bool {
        var depth = 0
        var isInString = false
        var isEscaped = false
        let bytes = text.utf8.span
        for index in bytes.indices {
            let byte = bytes[index]
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                if depth > limit { return false }
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
            case _: continue
            }
        }
        return true
    }

    /// What is wrong with a text that isn't bearable.
    package static let problem = "it is nested deeper than \(limit) levels"
}
