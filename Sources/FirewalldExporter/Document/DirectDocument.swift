/// A `direct.xml` taken apart: every element and comment with the bytes that it takes.
///
/// Elements nest two deep and no deeper, so there is no stack to run out of.
struct DirectDocument {
    struct Root: Hashable {
        var start: Range<Int>
        /// Where `</direct>` is; the same as `start` for `<direct/>`.
        var end: Range<Int>
        /// The attributes, of which firewalld wants none.
        var attributes: [String]

        var isEmptyTag: Bool { start == end }
    }

    struct Comment: Hashable {
        var words: String
        var range: Range<Int>
    }

    let bytes: [UInt8]
    /// Nil for a file without an element.
    private(set) var root: Root?
    private(set) var nodes: [DirectNode] = []
    /// Those inside the root, between the elements.
    private(set) var comments: [Comment] = []

    init(_ bytes: [UInt8]) throws(DirectFileProblem) {
        self.bytes = bytes
        var reader = DocumentReader()
        var finding: DocumentReader.Finding?
        do throws(XMLProblem) {
            var scanner = try XMLScanner(bytes)
            while finding == nil, let token = try scanner.next() { finding = reader.read(token) }
        } catch {
            finding = (.notXML(error.kind), error.offset)
        }
        if finding == nil, let open = reader.open {
            finding = (.notClosed(open.name), open.offset)
        }
        if let finding {
            throw DirectFileProblem(
                kind: finding.kind, place: TextPlace(finding.offset, in: bytes))
        }
        root = reader.root
        nodes = reader.nodes
        comments = reader.comments
    }
}
