import CExpat

/// Owns an expat parser for one document; frees it exactly once.
///
/// The corresponding C type is `XML_Parser`. firewalld also reads with expat, so both accept the
/// same documents.
@safe
struct ExpatParser: ~Copyable {
    private let parser: XML_Parser

    init() throws(XMLProblem) {
        // No encoding is given: as for firewalld, the document declares it.
        guard let parser = unsafe XML_ParserCreate(nil) else {
            throw XMLProblem(kind: .outOfMemory, offset: 0)
        }
        unsafe self.parser = parser
        unsafe ExpatRun.setHandlers(of: parser)
    }

    deinit { unsafe XML_ParserFree(parser) }

    /// Parses `bytes` and passes each token to `receive`, until that returns false.
    ///
    /// Throws at the first place that isn't well-formed or not supported.
    consuming func parse(
        _ bytes: [UInt8], _ receive: (XMLToken) -> Bool
    ) throws(XMLProblem) {
        if let place = UTF8Check.firstInvalid(in: bytes) {
            throw XMLProblem(kind: .notUTF8, offset: place)
        }
        // expat counts bytes of a document in an int.
        guard let count = Int32(exactly: bytes.count) else {
            throw XMLProblem(kind: .outOfMemory, offset: 0)
        }
        let parser = unsafe self.parser
        let problem = withoutActuallyEscaping(receive) { receive -> XMLProblem? in
            var run = unsafe ExpatRun(parser: parser, bytes: bytes, receive: receive)
            return unsafe withUnsafeMutablePointer(to: &run) { run in
                unsafe XML_SetUserData(parser, run)
                let status = unsafe bytes.withUnsafeBufferPointer { buffer in
                    unsafe buffer.withMemoryRebound(to: CChar.self) {
                        unsafe XML_Parse(parser, $0.baseAddress, count, 1)
                    }
                }
                guard status == XML_STATUS_ERROR, unsafe !run.pointee.isStopped else {
                    return unsafe run.pointee.refusal
                }
                return unsafe Self.problem(
                    XML_GetErrorCode(parser), at: Int(XML_GetCurrentByteIndex(parser)), in: bytes)
            }
        }
        if let problem { throw problem }
    }

    private static func problem(
        _ code: XML_Error, at offset: Int, in bytes: [UInt8]
    ) -> XMLProblem {
        let offset = min(max(0, offset), bytes.count)
        let rest = bytes[offset...]
        switch code {
        case XML_ERROR_NO_ELEMENTS: return XMLProblem(kind: .unfinished, offset: offset)
        case XML_ERROR_NO_MEMORY: return XMLProblem(kind: .outOfMemory, offset: offset)
        case XML_ERROR_TAG_MISMATCH:
            // expat's position is that of the name.
            let name = rest.prefix { !$0.isXMLSpace && $0 != UInt8(ascii: ">") }
            return XMLProblem(
                kind: .mismatchedTag(String(decoding: name, as: UTF8.self)),
                offset: max(0, offset - "</".utf8.count))
        case XML_ERROR_INVALID_TOKEN:
            if let forbidden = forbiddenCharacter(rest) {
                return XMLProblem(kind: .forbiddenCharacter(forbidden), offset: offset)
            }
        case _: break
        }
        let words = unsafe XML_ErrorString(code).map { unsafe String(cString: $0) }
        return XMLProblem(kind: .malformed(words ?? "error \(code.rawValue)"), offset: offset)
    }

    /// Returns the first character if XML 1.0 forbids it (production 2).
    private static func forbiddenCharacter(_ bytes: ArraySlice<UInt8>) -> UInt16? {
        if let byte = bytes.first, byte < 0x20, !byte.isXMLSpace { return UInt16(byte) }
        if bytes.starts(with: [0xEF, 0xBF, 0xBE]) { return 0xFFFE }
        if bytes.starts(with: [0xEF, 0xBF, 0xBF]) { return 0xFFFF }
        return nil
    }
}

/// An error in an XML document, with its place.
package struct XMLProblem: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The bytes aren't UTF-8, or the declaration names another encoding.
        case notUTF8
        /// A character that XML 1.0 forbids, such as a control character.
        case forbiddenCharacter(UInt16)
        /// A document type with declarations or an external subset; entities could expand without
        /// limit.
        case documentTypeWithDeclarations
        /// An end tag that doesn't match the innermost open element.
        case mismatchedTag(String)
        /// The document ends before its root element does, or has none.
        case unfinished
        /// Any other error, with expat's message.
        case malformed(String)
        case outOfMemory
    }

    package var kind: Kind
    /// The offset from the beginning of the document, in bytes.
    package var offset: Int
}

/// Validates UTF-8.
enum UTF8Check {
    /// Returns the offset of the first invalid byte; nil if there is none.
    ///
    /// A zero byte is invalid: XML forbids it, and UTF-16 has one beside every ASCII character.
    static func firstInvalid(in bytes: [UInt8]) -> Int? {
        if let zero = bytes.firstIndex(of: 0) { return zero }
        guard String(validating: bytes, as: UTF8.self) == nil else { return nil }
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var offset = 0
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): offset += UTF8.width(scalar)
            case .emptyInput, .error: return offset
            }
        }
    }
}

extension UInt8 {
    /// Whether the byte is white space (XML 1.0 production 3).
    var isXMLSpace: Bool { self == 0x20 || self == 0x9 || self == 0xA || self == 0xD }
}
