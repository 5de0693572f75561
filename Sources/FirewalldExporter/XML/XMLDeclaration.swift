/// `<?xml version="1.0" encoding="utf-8"?>`.
enum XMLDeclaration {
    /// Throws unless it is one for XML 1.0 in UTF-8, or in ASCII, which is the same bytes.
    static func check(_ words: String, at offset: Int) throws(XMLProblem) {
        let version = value(of: "version", in: words)
        guard version == "1.0" else {
            throw XMLProblem(kind: .expected("XML version 1.0"), offset: offset)
        }
        guard words.contains("encoding") else { return }
        let encoding = value(of: "encoding", in: words)?.lowercased()
        guard let encoding, ["utf-8", "us-ascii", "ascii"].contains(encoding) else {
            throw XMLProblem(kind: .notUTF8, offset: offset)
        }
    }

    private static func value(of name: String, in words: String) -> String? {
        guard let found = words.firstRange(of: name) else { return nil }
        let rest = words[found.upperBound...].drop { $0.isWhitespace }
        guard rest.first == "=" else { return nil }
        let quoted = rest.dropFirst().drop { $0.isWhitespace }
        guard let quote = quoted.first, quote == "\"" || quote == "'" else { return nil }
        let value = quoted.dropFirst()
        guard let end = value.firstIndex(of: quote) else { return nil }
        return String(value[..<end])
    }
}
