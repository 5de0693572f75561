/// The layout of a value as text.
///
/// Members are sorted by name, so that equal values give equal bytes.
package struct JSONLayout: Sendable {
    /// The separators between items and members, and between a name and its value.
    fileprivate let item: StaticString
    fileprivate let name: StaticString
    fileprivate let isIndented: Bool

    /// No spaces: `{"a":[1,2]}`.
    package static let compact = JSONLayout(item: ",", name: ":", isIndented: false)
    /// One line: `{"a": [1, 2]}`.
    package static let line = JSONLayout(item: ", ", name: ": ", isIndented: false)
    /// One item or member per line.
    package static let indented = JSONLayout(item: ",", name: " : ", isIndented: true)
}

extension JSONValue {
    /// Returns the value as JSON text; characters of `escaped` are written as `\u` escapes.
    package func text(
        _ layout: JSONLayout, escaping escaped: ((Unicode.Scalar) -> Bool)? = nil
    ) -> String {
        String(decoding: bytes(layout, escaping: escaped), as: UTF8.self)
    }

    package func bytes(
        _ layout: JSONLayout, escaping escaped: ((Unicode.Scalar) -> Bool)? = nil
    ) -> [UInt8] {
        var writer = JSONWriter(layout: layout, escaped: escaped)
        writer.write(self, indent: 0)
        return writer.bytes
    }
}

private struct JSONWriter {
    let layout: JSONLayout
    let escaped: ((Unicode.Scalar) -> Bool)?
    var bytes: [UInt8] = []

    mutating func write(_ value: JSONValue, indent: Int) {
        switch value {
        case .null: bytes.append(verbatim: "null")
        case .bool(let flag): bytes.append(verbatim: flag ? "true" : "false")
        case .number(let number): bytes.append(decimal: number)
        // JSON can't represent infinities.
        case .real(let number):
            bytes.append(contentsOf: (number.isFinite ? "\(number)" : "null").utf8)
        case .string(let text): write(text)
        case .array(let items):
            bytes.append(verbatim: "[")
            for (index, item) in items.enumerated() {
                begin(index, indent)
                write(item, indent: indent + 2)
            }
            end(indent)
            bytes.append(verbatim: "]")
        case .object(let members):
            bytes.append(verbatim: "{")
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                begin(index, indent)
                write(member.key)
                bytes.append(verbatim: layout.name)
                write(member.value, indent: indent + 2)
            }
            end(indent)
            bytes.append(verbatim: "}")
        }
    }

    private mutating func begin(_ index: Int, _ indent: Int) {
        if index > 0 { bytes.append(verbatim: layout.item) }
        // An empty list contains an empty line.
        if layout.isIndented { breakLine(indent + 2) }
    }

    private mutating func end(_ indent: Int) {
        guard layout.isIndented else { return }
        if bytes.last == UInt8(ascii: "[") || bytes.last == UInt8(ascii: "{") {
            bytes.append(verbatim: "\n")
        }
        breakLine(indent)
    }

    private mutating func breakLine(_ indent: Int) {
        bytes.append(verbatim: "\n")
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent))
    }

    private mutating func write(_ text: String) {
        guard let escaped, text.unicodeScalars.contains(where: escaped) else {
            return bytes.append(quoted: text)
        }
        bytes.append(verbatim: "\"")
        for scalar in text.unicodeScalars {
            if let short = UInt8(exactly: scalar.value), [UInt8].isAlwaysEscaped(short) {
                bytes.append(escaped: short)
            } else if escaped(scalar) {
                for unit in scalar.utf16 { bytes.append(escapedUnit: unit) }
            } else {
                bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
        bytes.append(verbatim: "\"")
    }
}

/// Appends JSON text without building a tree of values.
extension [UInt8] {
    /// Appends a value on one line.
    package mutating func append(_ value: JSONValue) {
        append(contentsOf: value.bytes(.line))
    }

    /// Appends text without characters that JSON escapes.
    package mutating func append(verbatim text: StaticString) {
        unsafe append(
            contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    package mutating func append(decimal number: some BinaryInteger) {
        append(contentsOf: String(number).utf8)
    }

    package mutating func append(quoted text: String) {
        append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if Self.isAlwaysEscaped(byte) { append(escaped: byte) } else { append(byte) }
        }
        append(UInt8(ascii: "\""))
    }

    /// Whether a JSON string must escape the byte.
    fileprivate static func isAlwaysEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    fileprivate mutating func append(escaped byte: UInt8) {
        switch byte {
        case 0x08: append(verbatim: "\\b")
        case 0x09: append(verbatim: "\\t")
        case 0x0A: append(verbatim: "\\n")
        case 0x0C: append(verbatim: "\\f")
        case 0x0D: append(verbatim: "\\r")
        case 0..<0x20: append(escapedUnit: UInt16(byte))
        case _:
            append(UInt8(ascii: "\\"))
            append(byte)
        }
    }

    fileprivate mutating func append(escapedUnit unit: UInt16) {
        append(verbatim: "\\u")
        for shift in [12, 8, 4, 0] {
            let digit = UInt8(unit >> shift & 15)
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}
