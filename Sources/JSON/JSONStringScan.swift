/// Tells the bytes of strings from those of the structure of a JSON text.
package struct JSONStringScan: Sendable {
    private var isInString = false
    private var isEscaped = false

    package init() {}

    /// Takes the next byte; returns whether it belongs to a string, including its quotes.
    package mutating func take(_ byte: UInt8) -> Bool {
        guard isInString else {
            isInString = byte == UInt8(ascii: "\"")
            return isInString
        }
        if isEscaped {
            isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
            isInString = false
        }
        return true
    }
}
