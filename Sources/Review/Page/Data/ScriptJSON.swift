/// JSON (RFC 8259) that is safe in an HTML script element.
///
/// It can't end the element or begin a comment, and it is valid JavaScript: `<`, `>`, `&`, U+2028
/// and U+2029 are written as escapes.
indirect enum ScriptJSON {
    case bool(Bool)
    case number(Int)
    case string(String)
    case array([ScriptJSON])
    /// The members, in the order in which they are written.
    case object([(name: String, value: ScriptJSON)])

    var text: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .bool(let value): text += value ? "true" : "false"
        case .number(let number): text += "\(number)"
        case .string(let string): Self.write(string, to: &text)
        case .array(let items):
            text += "["
            for (index, item) in items.enumerated() {
                if index > 0 { text += "," }
                item.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                Self.write(member.name, to: &text)
                text += ":"
                member.value.write(to: &text)
            }
            text += "}"
        }
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "<", ">", "&", "\u{2028}", "\u{2029}", "\u{7F}": text += escape(scalar)
            case _ where scalar.value < 0x20: text += escape(scalar)
            case _: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    /// Returns an escape such as `\u003C`.
    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}

extension ScriptJSON: ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    init(stringLiteral value: String) { self = .string(value) }
    init(arrayLiteral elements: ScriptJSON...) { self = .array(elements) }
    init(dictionaryLiteral elements: (String, ScriptJSON)...) {
        self = .object(elements.map { (name: $0.0, value: $0.1) })
    }
}
