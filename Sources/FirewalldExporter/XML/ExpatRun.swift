import CExpat

/// What expat's callbacks work on while it parses; it hands them a pointer to this.
@safe
struct ExpatRun {
    let parser: XML_Parser
    let bytes: [UInt8]
    let receive: (XMLToken) -> Bool
    private(set) var isStopped = false
    /// What expat would read and we don't.
    private(set) var refusal: XMLProblem?

    init(parser: XML_Parser, bytes: [UInt8], receive: @escaping (XMLToken) -> Bool) {
        unsafe self.parser = parser
        self.bytes = bytes
        self.receive = receive
    }

    /// The bytes of what expat is at.
    private var range: Range<Int> {
        let start = min(max(0, unsafe Int(XML_GetCurrentByteIndex(parser))), bytes.count)
        let length = max(0, unsafe Int(XML_GetCurrentByteCount(parser)))
        return start..<min(start + length, bytes.count)
    }

    private mutating func hand(_ kind: XMLToken.Kind) {
        // For an empty tag, expat goes on to its end when its start has been stopped at.
        guard !isStopped else { return }
        if !receive(XMLToken(kind: kind, range: range)) { stop() }
    }

    private mutating func refuse(_ kind: XMLProblem.Kind, at offset: Int) {
        guard !isStopped else { return }
        refusal = XMLProblem(kind: kind, offset: offset)
        stop()
    }

    private mutating func stop() {
        isStopped = true
        _ = unsafe XML_StopParser(parser, 0)
    }

    /// Other encodings may be XML, but our elements go between these bytes as UTF-8.
    private mutating func checkEncoding(_ name: String?) {
        guard let name, !["utf-8", "us-ascii"].contains(name.lowercased()) else { return }
        refuse(.notUTF8, at: range.lowerBound)
    }

    /// Called before any declaration of the document type is read.
    private mutating func checkDocumentType(hasDeclarations: Bool) {
        guard hasDeclarations else { return }
        // expat is at its end, or at the bracket before the first declaration.
        let start = bytes[..<range.lowerBound].lastIndex(of: UInt8(ascii: "<"))
        refuse(.documentTypeWithDeclarations, at: start ?? 0)
    }
}

extension ExpatRun {
    /// The user data of `parser` must be a pointer to an `ExpatRun` while it parses.
    static func setHandlers(of parser: XML_Parser) {
        unsafe XML_SetXmlDeclHandler(parser) { data, _, encoding, _ in
            unsafe ExpatRun.at(data)?.pointee.checkEncoding(ExpatRun.text(encoding))
        }
        unsafe XML_SetStartDoctypeDeclHandler(parser) { data, _, system, identifier, hasSubset in
            let hasDeclarations = unsafe system != nil || identifier != nil || hasSubset != 0
            unsafe ExpatRun.at(data)?.pointee.checkDocumentType(hasDeclarations: hasDeclarations)
        }
        unsafe XML_SetStartElementHandler(parser) { data, name, attributes in
            guard let name = unsafe ExpatRun.text(name) else { return }
            let attributes = unsafe ExpatRun.pairs(attributes)
            unsafe ExpatRun.at(data)?.pointee.hand(.start(name: name, attributes))
        }
        unsafe XML_SetEndElementHandler(parser) { data, name in
            guard let name = unsafe ExpatRun.text(name) else { return }
            unsafe ExpatRun.at(data)?.pointee.hand(.end(name: name))
        }
        unsafe XML_SetCharacterDataHandler(parser) { data, bytes, count in
            let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: Int(count))
            unsafe ExpatRun.at(data)?.pointee.hand(.text(String(decoding: piece, as: UTF8.self)))
        }
        unsafe XML_SetCommentHandler(parser) { data, _ in
            unsafe ExpatRun.at(data)?.pointee.hand(.comment)
        }
    }

    private static func at(_ data: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<ExpatRun>? {
        unsafe data?.assumingMemoryBound(to: ExpatRun.self)
    }

    private static func text(_ text: UnsafePointer<XML_Char>?) -> String? {
        unsafe text.map { unsafe String(cString: $0) }
    }

    /// Names and values take turns, up to a null pointer.
    private static func pairs(
        _ list: UnsafeMutablePointer<UnsafePointer<XML_Char>?>?
    ) -> [XMLAttribute] {
        guard let list = unsafe list else { return [] }
        var attributes: [XMLAttribute] = []
        var index = 0
        while let name = unsafe text(list[index]), let value = unsafe text(list[index + 1]) {
            attributes.append(XMLAttribute(name: name, value: value))
            index += 2
        }
        return attributes
    }
}
