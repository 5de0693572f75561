/// Disables elements of kumactl in XML comments while ours replace them.
///
/// Both together would redirect twice. Removal restores the element, byte for byte. A comment can't
/// contain `--`, so the second of two dashes is written as `&#45;`, and `&` itself as `&amp;`.
enum SetAside {
    private static let heading = " set aside by tproxy, restored on removal: "

    static func comment(_ element: some Collection<UInt8>) -> [UInt8] {
        Array("<!--\(heading)".utf8) + escaped(element) + Array(" -->".utf8)
    }

    /// Returns the element in a comment; nil for any other comment.
    static func element(in words: String) -> [UInt8]? {
        guard words.hasPrefix(heading), words.hasSuffix(" ") else { return nil }
        let text = words.utf8.dropFirst(heading.utf8.count).dropLast()
        return unescaped(Array(text))
    }

    private static func escaped(_ element: some Collection<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        for byte in element {
            switch byte {
            case UInt8(ascii: "&"): text += Array("&amp;".utf8)
            case UInt8(ascii: "-") where text.last == byte: text += Array("&#45;".utf8)
            case _: text.append(byte)
            }
        }
        return text
    }

    private static func unescaped(_ text: [UInt8]) -> [UInt8] {
        let references = [
            (Array("&amp;".utf8), UInt8(ascii: "&")), (Array("&#45;".utf8), UInt8(ascii: "-")),
        ]
        var element: [UInt8] = []
        var index = 0
        while index < text.count {
            let found = references.first { text[index...].starts(with: $0.0) }
            element.append(found?.1 ?? text[index])
            index += found?.0.count ?? 1
        }
        return element
    }
}
