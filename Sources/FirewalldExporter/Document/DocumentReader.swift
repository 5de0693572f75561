import TextSearch

/// Builds the elements of a `direct.xml` from its tokens.
struct DocumentReader {
    /// An error and its offset.
    typealias Finding = (kind: DirectFileProblem.Kind, offset: Int)

    private(set) var root: DirectDocument.Root?
    private(set) var nodes: [DirectNode] = []
    /// The ranges of comments between elements.
    private(set) var comments: [Range<Int>] = []
    private var isInRoot = false
    /// The open element in the root.
    private var node: DirectNode?

    /// The innermost open element.
    var open: (name: String, offset: Int)? {
        if let node { return (node.name.rawValue, node.range.lowerBound) }
        return isInRoot ? root.map { ("direct", $0.start.lowerBound) } : nil
    }

    /// Reads one token; returns an error if it is misplaced.
    mutating func read(_ token: XMLToken) -> Finding? {
        let offset = token.range.lowerBound
        switch token.kind {
        case .start(let name, let attributes):
            return start(name, attributes, token.range).map { ($0, offset) }
        case .end:
            end(token.range)
            return nil
        case .text(let text):
            node?.text += text
            return nil
        case .comment:
            if isInRoot, node == nil { comments.append(token.range) }
            return nil
        }
    }

    private mutating func start(
        _ name: String, _ attributes: [XMLAttribute], _ range: Range<Int>
    ) -> DirectFileProblem.Kind? {
        guard isInRoot else {
            guard name == "direct" else { return .wrongRoot(name) }
            root = DirectDocument.Root(start: range, end: range, attributes: attributes.map(\.name))
            isInRoot = true
            return nil
        }
        guard let known = DirectNode.Name(rawValue: name) else {
            return name == "direct" ? .misplacedElement(name) : .unknownElement(name)
        }
        guard node == nil else { return .misplacedElement(name) }
        node = DirectNode(
            name: known,
            attributes: Dictionary(
                attributes.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }),
            text: "", range: range)
        return nil
    }

    /// Closes the innermost element; expat has checked the name of the tag.
    private mutating func end(_ range: Range<Int>) {
        if var ended = node {
            ended.range = ended.range.lowerBound..<range.upperBound
            nodes.append(ended)
            node = nil
        } else {
            // An empty tag ends with a range of zero bytes.
            if !range.isEmpty { root?.end = range }
            isInRoot = false
        }
    }
}

/// An element of a `direct.xml`, of any program.
struct DirectNode: Hashable, Sendable {
    enum Name: String, CaseIterable {
        case chain
        case rule
        case passthrough
    }

    var name: Name
    var attributes: [String: String]
    /// The character data, as firewalld joins it.
    var text: String
    /// The byte range from the first `<` through the last `>`.
    var range: Range<Int>

    var chain: String { attributes["chain"] ?? "" }

    /// The family and the table of the element.
    var place: Place { Place(ipv: attributes["ipv"] ?? "", table: attributes["table"] ?? "") }

    struct Place: Hashable, Sendable {
        var ipv: String
        var table: String
    }

    /// The arguments; nil if firewalld can't split the text.
    var arguments: [String]? { ShellSplit.words(text.replacing(text: "\n", with: " ")) }
}
