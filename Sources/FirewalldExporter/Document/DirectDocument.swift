/// A parsed `direct.xml`: its elements and comments with their byte ranges.
///
/// Elements nest two levels deep, so parsing can't overflow the stack.
struct DirectDocument {
    struct Root: Hashable {
        var start: Range<Int>
        /// The range of `</direct>`; equal to `start` for `<direct/>`.
        var end: Range<Int>
        /// The names of the attributes; firewalld expects none.
        var attributes: [String]

        var isEmptyTag: Bool { start == end }
    }

    struct Comment: Hashable {
        var words: String
        var range: Range<Int>
    }

    let bytes: [UInt8]
    /// The root element; nil in a file without elements.
    private(set) var root: Root?
    private(set) var nodes: [DirectNode] = []
    /// The comments in the root, between the elements.
    private(set) var comments: [Comment] = []

    init(_ bytes: [UInt8]) throws(DirectFileProblem) {
        self.bytes = bytes
        var reader = DocumentReader()
        if let finding = Self.finding(in: bytes, &reader) {
            throw DirectFileProblem(
                kind: finding.kind, place: TextPlace(finding.offset, in: bytes))
        }
        root = reader.root
        nodes = reader.nodes
        comments = reader.comments.map { range in
            let words = bytes[range].dropFirst("<!--".utf8.count).dropLast("-->".utf8.count)
            return Comment(words: String(decoding: words, as: UTF8.self), range: range)
        }
    }

    /// Parses the bytes; returns the first error, if any.
    private static func finding(
        in bytes: [UInt8], _ reader: inout DocumentReader
    ) -> DocumentReader.Finding? {
        var finding: DocumentReader.Finding?
        do throws(XMLProblem) {
            try ExpatParser().parse(bytes) { token in
                finding = reader.read(token)
                return finding == nil
            }
            return finding
        } catch {
            switch (error.kind, reader.open) {
            case (.unfinished, let open?): return (.notClosed(open.name), open.offset)
            case (.unfinished, nil) where canHoldRoot(bytes): return nil
            case (.mismatchedTag(let found), let open?):
                return (.wrongEnd(found: found, expected: open.name), error.offset)
            case _: return (.notXML(error.kind), error.offset)
            }
        }
    }

    /// Whether the bytes, which have no root element, are valid XML with one appended.
    private static func canHoldRoot(_ bytes: [UInt8]) -> Bool {
        do throws(XMLProblem) {
            try ExpatParser().parse(bytes + Array("<direct/>".utf8)) { _ in true }
            return true
        } catch {
            return false
        }
    }
}

/// An error that prevents changes of a `direct.xml`, with its place.
package struct DirectFileProblem: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case notXML(XMLProblem.Kind)
        /// The root element isn't `<direct>`.
        case wrongRoot(String)
        /// firewalld doesn't know the element.
        case unknownElement(String)
        /// firewalld doesn't expect the element here.
        case misplacedElement(String)
        /// An end tag doesn't match the start tag.
        case wrongEnd(found: String, expected: String)
        /// The document ends within this element.
        case notClosed(String)
    }

    package var kind: Kind
    package var place: TextPlace
}

/// A position in a text, for messages.
package struct TextPlace: Hashable, Sendable {
    /// The 1-based line.
    package var line: Int
    /// The 1-based column, in characters.
    package var column: Int
    /// The line without its end, cut to the maximum length.
    package var text: String

    /// Finds the position of a byte offset; each byte that isn't UTF-8 counts as one character.
    package init(_ offset: Int, in bytes: [UInt8]) {
        let offset = min(max(0, offset), bytes.count)
        let newline = UInt8(ascii: "\n")
        let start = bytes[..<offset].lastIndex(of: newline).map { $0 + 1 } ?? 0
        let end = bytes[offset...].firstIndex(of: newline) ?? bytes.count
        line = bytes[..<offset].count { $0 == newline } + 1
        column = String(decoding: bytes[start..<offset], as: UTF8.self).count + 1
        let shown = bytes[start..<max(start, end)].prefix(Self.maximumLength)
        text = String(decoding: shown.last == 0xD ? shown.dropLast() : shown, as: UTF8.self)
    }

    /// More than a terminal shows.
    private static let maximumLength = 400
}
