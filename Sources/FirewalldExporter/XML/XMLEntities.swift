/// `&amp;` and its like.
enum XMLEntities {
    /// What character data or an attribute's value stands for.
    ///
    /// Line ends become one line feed (XML 1.0 section 2.11), and white space in attributes a space
    /// (section 3.3.3).
    static func decoded(
        _ bytes: [UInt8], _ range: Range<Int>, isAttribute: Bool
    ) throws(XMLProblem) -> String {
        var decoded: [UInt8] = []
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "&"):
                let reference = try reference(bytes, index..<range.upperBound)
                decoded += Array(String(Character(reference.scalar)).utf8)
                index = reference.end
                continue
            case 0xD:
                decoded.append(isAttribute ? 0x20 : 0xA)
                if index + 1 < range.upperBound, bytes[index + 1] == 0xA { index += 1 }
            case 0x9, 0xA: decoded.append(isAttribute ? 0x20 : byte)
            case _: decoded.append(byte)
            }
            index += 1
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    /// The longest that is allowed: `&#x10FFFF;`.
    private static let maximumLength = 10

    private static func reference(
        _ bytes: [UInt8], _ range: Range<Int>
    ) throws(XMLProblem) -> (scalar: Unicode.Scalar, end: Int) {
        let window = bytes[range].prefix(maximumLength)
        guard let end = window.firstIndex(of: UInt8(ascii: ";")) else {
            throw XMLProblem(kind: .expected("'&amp;' for '&'"), offset: range.lowerBound)
        }
        let name = String(decoding: window[(range.lowerBound + 1)..<end], as: UTF8.self)
        guard let scalar = scalar(name) else {
            throw XMLProblem(kind: .unknownEntity(name), offset: range.lowerBound)
        }
        return (scalar, end + 1)
    }

    private static func scalar(_ name: String) -> Unicode.Scalar? {
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        case _: break
        }
        guard name.dropFirst().allSatisfy({ $0.isHexDigit || $0 == "x" }) else { return nil }
        let number: UInt32?
        if name.hasPrefix("#x") {
            number = UInt32(name.dropFirst(2), radix: 16)
        } else if name.hasPrefix("#") {
            number = UInt32(name.dropFirst())
        } else {
            number = nil
        }
        // What XML allows as a character, it allows as a reference.
        guard let number, number >= 0x20 || [0x9, 0xA, 0xD].contains(number),
            number != 0xFFFE, number != 0xFFFF
        else { return nil }
        return Unicode.Scalar(number)
    }
}
