/// Writes JSON as UTF-8 on one line.
extension [UInt8] {
    mutating func append(_ value: JSONValue) {
        switch value {
        case .null: append(verbatim: "null")
        case .bool(let flag): append(verbatim: flag ? "true" : "false")
        case .number(let number): append(decimal: number)
        case .string(let text): append(quoted: text)
        case .array(let items):
            append(verbatim: "[")
            for (index, item) in items.enumerated() {
                if index > 0 { append(verbatim: ", ") }
                append(item)
            }
            append(verbatim: "]")
        case .object(let members):
            append(verbatim: "{")
            // Sorted, so that equal values give equal bytes.
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { append(verbatim: ", ") }
                append(quoted: member.key)
                append(verbatim: ": ")
                append(member.value)
            }
            append(verbatim: "}")
        }
    }

    /// Appends text that has no characters that JSON escapes.
    mutating func append(verbatim text: StaticString) {
        unsafe append(
            contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(decimal number: some BinaryInteger) {
        append(contentsOf: String(number).utf8)
    }

    mutating func append(quoted text: String) {
        append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                append(UInt8(ascii: "\\"))
                append(byte)
            case 0..<0x20:
                append(verbatim: "\\u00")
                append(hexDigit: byte >> 4)
                append(hexDigit: byte & 15)
            case _: append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }

    private mutating func append(hexDigit digit: UInt8) {
        append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
}
