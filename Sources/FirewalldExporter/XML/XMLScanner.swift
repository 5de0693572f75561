/// Cuts an XML 1.0 document into tokens that keep their place in bytes.
///
/// Our own, because a parser's events don't say which bytes they came from, and what isn't ours in
/// the file must stay byte for byte. It refuses what is not well-formed and what declares entities,
/// looks at each byte once, and has no recursion. That tags nest is for `DirectDocument` to see.
struct XMLScanner {
    let bytes: [UInt8]
    private(set) var offset = 0
    private var hasToken = false
    private var hasDocumentType = false

    init(_ bytes: [UInt8]) throws(XMLProblem) {
        self.bytes = bytes
        try checkCharacters()
        if starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
    }

    /// The next token; nil at the end.
    mutating func next() throws(XMLProblem) -> XMLToken? {
        guard offset < bytes.count else { return nil }
        let start = offset
        let kind = try token()
        hasToken = true
        return XMLToken(kind: kind, range: start..<offset)
    }

    private mutating func token() throws(XMLProblem) -> XMLToken.Kind {
        guard bytes[offset] == UInt8(ascii: "<") else { return try text() }
        if starts(with: "<!--") { return try comment() }
        if starts(with: "<![CDATA[") {
            return .text(try through("]]>", "<![CDATA[", "a CDATA section"))
        }
        if starts(with: "<?") { return try instruction() }
        if starts(with: "<!DOCTYPE") { return try documentType() }
        if starts(with: "</") { return try endTag() }
        return try startTag()
    }

    // MARK: Tags

    private mutating func startTag() throws(XMLProblem) -> XMLToken.Kind {
        let start = offset
        offset += 1
        let name = try name("an element's name")
        var attributes: [XMLAttribute] = []
        while true {
            let hasSpace = skipSpace()
            guard let byte = current else { throw problem(.unterminated("a tag"), at: start) }
            if byte == UInt8(ascii: ">") {
                offset += 1
                return .start(name: name, attributes, isEmpty: false)
            }
            if starts(with: "/>") {
                offset += 2
                return .start(name: name, attributes, isEmpty: true)
            }
            guard hasSpace else { throw problem(.expected("'>', '/>' or a space"), at: offset) }
            let attribute = try attribute()
            guard !attributes.contains(where: { $0.name == attribute.name }) else {
                throw problem(.duplicateAttribute(attribute.name), at: attribute.offset)
            }
            attributes.append(attribute)
            guard attributes.count <= Self.maximumAttributes else {
                throw problem(.expected("fewer attributes"), at: attribute.offset)
            }
        }
    }

    /// Elements of `direct.xml` have up to four; more would make the search for doubles slow.
    private static let maximumAttributes = 16

    private mutating func attribute() throws(XMLProblem) -> XMLAttribute {
        let start = offset
        let name = try name("an attribute's name")
        skipSpace()
        guard current == UInt8(ascii: "=") else { throw problem(.expected("'='"), at: offset) }
        offset += 1
        skipSpace()
        guard let quote = current, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            throw problem(.expected("a quoted value"), at: offset)
        }
        let opening = offset
        offset += 1
        let first = offset
        while let byte = current, byte != quote {
            guard byte != UInt8(ascii: "<") else {
                throw problem(.expected("'&lt;' for '<'"), at: offset)
            }
            offset += 1
        }
        guard current != nil else { throw problem(.unterminated("a quoted value"), at: opening) }
        let value = try XMLEntities.decoded(bytes, first..<offset, isAttribute: true)
        offset += 1
        return XMLAttribute(name: name, value: value, offset: start)
    }

    private mutating func endTag() throws(XMLProblem) -> XMLToken.Kind {
        offset += 2
        let name = try name("an element's name")
        skipSpace()
        guard current == UInt8(ascii: ">") else { throw problem(.expected("'>'"), at: offset) }
        offset += 1
        return .end(name: name)
    }

    private mutating func name(_ what: String) throws(XMLProblem) -> String {
        let start = offset
        while let byte = current, Self.isName(byte, isFirst: offset == start) { offset += 1 }
        guard offset > start else { throw problem(.expected(what), at: start) }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    /// Anything beyond ASCII is taken for a letter: no name that firewalld knows has one.
    private static func isName(_ byte: UInt8, isFirst: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "_"), UInt8(ascii: ":"), 0x80...:
            true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."): !isFirst
        case _: false
        }
    }

    // MARK: Everything else

    private mutating func text() throws(XMLProblem) -> XMLToken.Kind {
        let start = offset
        while let byte = current, byte != UInt8(ascii: "<") {
            guard byte != UInt8(ascii: "]") || !starts(with: "]]>") else {
                throw problem(.sectionEndInText, at: offset)
            }
            offset += 1
        }
        return .text(try XMLEntities.decoded(bytes, start..<offset, isAttribute: false))
    }

    private mutating func comment() throws(XMLProblem) -> XMLToken.Kind {
        let start = offset
        let words = try through("--", "<!--", "a comment")
        guard current == UInt8(ascii: ">") else {
            throw problem(.dashesInComment, at: offset >= bytes.count ? start : offset - 2)
        }
        offset += 1
        return .comment(words)
    }

    private mutating func instruction() throws(XMLProblem) -> XMLToken.Kind {
        let start = offset
        let words = try through("?>", "<?", "a processing instruction")
        guard let target = words.split(whereSeparator: \.isWhitespace).first else {
            throw problem(.expected("the name of a processing instruction"), at: start + 2)
        }
        guard target.lowercased() == "xml" else { return .other }
        guard !hasToken, target == "xml" else {
            throw problem(.misplaced("an XML declaration"), at: start)
        }
        try XMLDeclaration.check(words, at: start)
        return .other
    }

    private mutating func documentType() throws(XMLProblem) -> XMLToken.Kind {
        let start = offset
        guard !hasDocumentType else { throw problem(.misplaced("a document type"), at: start) }
        hasDocumentType = true
        let words = try through(">", "<!DOCTYPE", "a document type")
        guard words.split(whereSeparator: \.isWhitespace).count == 1 else {
            throw problem(.documentTypeWithDeclarations, at: start)
        }
        return .other
    }

    /// The text between `opening`, which is here, and `closing`, and goes behind it.
    private mutating func through(
        _ closing: String, _ opening: String, _ what: String
    ) throws(XMLProblem) -> String {
        let start = offset
        offset += opening.utf8.count
        let first = offset
        while offset < bytes.count {
            if starts(with: closing) {
                offset += closing.utf8.count
                return String(
                    decoding: bytes[first..<(offset - closing.utf8.count)], as: UTF8.self)
            }
            offset += 1
        }
        throw problem(.unterminated(what), at: start)
    }

    // MARK: Bytes

    private var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private func starts(with text: String) -> Bool { starts(with: text.utf8) }

    private func starts(with expected: some Collection<UInt8>) -> Bool {
        bytes[offset...].starts(with: expected)
    }

    @discardableResult
    private mutating func skipSpace() -> Bool {
        let start = offset
        while let byte = current, byte.isXMLSpace { offset += 1 }
        return offset > start
    }

    /// XML 1.0 production 2, in UTF-8.
    private func checkCharacters() throws(XMLProblem) {
        for (index, byte) in bytes.enumerated() where byte < 0x20 && !byte.isXMLSpace {
            // UTF-16 has a zero beside every ASCII character.
            throw problem(byte == 0 ? .notUTF8 : .forbiddenCharacter(UInt16(byte)), at: index)
        }
        // U+FFFE and U+FFFF.
        for index in bytes.indices.dropLast(2)
        where bytes[index] == 0xEF && bytes[index + 1] == 0xBF {
            switch bytes[index + 2] {
            case 0xBE: throw problem(.forbiddenCharacter(0xFFFE), at: index)
            case 0xBF: throw problem(.forbiddenCharacter(0xFFFF), at: index)
            // Another character, or none, which the check for UTF-8 tells.
            case _: continue
            }
        }
        guard let place = UTF8Check.firstInvalid(in: bytes) else { return }
        throw problem(.notUTF8, at: place)
    }

    private func problem(_ kind: XMLProblem.Kind, at offset: Int) -> XMLProblem {
        XMLProblem(kind: kind, offset: offset)
    }
}

extension UInt8 {
    /// XML 1.0 production 3.
    var isXMLSpace: Bool { self == 0x20 || self == 0x9 || self == 0xA || self == 0xD }
}
