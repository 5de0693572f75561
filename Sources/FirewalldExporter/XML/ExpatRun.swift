import CExpat

/// The state of a parse; expat passes a pointer to it to the callbacks.
@safe
struct ExpatRun {
    let parser: XML_Parser
    let bytes: [UInt8]
    let receive: (XMLToken) -> Bool
    private(set) var isStopped = false
    /// An error in a document that expat accepts and tproxy doesn't.
    private(set) var refusal: XMLProblem?

    init(parser: XML_Parser, bytes: [UInt8], receive: @escaping (XMLToken) -> Bool) {
        unsafe self.parser = parser
        self.bytes = bytes
        self.receive = receive
    }

    /// The byte range of the current event.
    private var range: Range<Int> {
        let start = min(max(0, unsafe Int(XML_GetCurrentByteIndex(parser))), bytes.count)
        let length = max(0, unsafe Int(XML_GetCurrentByteCount(parser)))
        return start..<min(start + length, bytes.count)
    }

    private mutating func hand(_ kind: XMLToken.Kind) {
        // expat reports the end of an empty tag even if stopped at its start.
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

    /// Refuses other encodings, because our elements are inserted as UTF-8.
    private mutating func checkEncoding(_ name: String?) {
        guard let name, !["utf-8", "us-ascii"].contains(name.lowercased()) else { return }
        refuse(.notUTF8, at: range.lowerBound)
    }

    /// Refuses a document type with declarations; called before expat reads them.
    private mutating func checkDocumentType(hasDeclarations: Bool) {
        guard hasDeclarations else { return }
        // expat's position is the end, or the bracket before the first declaration.
        let start = bytes[..<range.lowerBound].lastIndex(of: UInt8(ascii: "<"))
        refuse(.documentTypeWithDeclarations, at: start ?? 0)
    }
}

extension ExpatRun {
    /// Sets the handlers; while `parser` parses, its user data must point to an `ExpatRun`.
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

    /// Reads a list of alternating names and values that ends with a null pointer.
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

/// A token of an XML document, with its byte range.
struct XMLToken {
    enum Kind: Equatable {
        case start(name: String, [XMLAttribute])
        /// The end of an element; that of an empty tag has an empty range.
        case end(name: String)
        /// Character data, or part of it, with references replaced.
        case text(String)
        case comment
    }

    var kind: Kind
    var range: Range<Int>
}

struct XMLAttribute: Equatable {
    var name: String
    var value: String
}
