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
