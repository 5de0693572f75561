/// What is known of a `direct.xml` while its tokens go by.
struct DocumentReader {
    /// Something wrong, and the offset where.
    typealias Finding = (kind: DirectFileProblem.Kind, offset: Int)

    private(set) var root: DirectDocument.Root?
    private(set) var nodes: [DirectNode] = []
    private(set) var comments: [DirectDocument.Comment] = []
    private var isInRoot = false
    /// The element inside the root that hasn't ended yet.
    private var node: DirectNode?

    /// The innermost element that hasn't ended.
    var open: (name: String, offset: Int)? {
        if let node { return (node.name.rawValue, node.range.lowerBound) }
        return isInRoot ? root.map { ("direct", $0.start.lowerBound) } : nil
    }

    /// What is wrong with the token, if anything.
    mutating func read(_ token: XMLToken) -> Finding? {
        let offset = token.range.lowerBound
        switch token.kind {
        case .start(let name, let attributes, let isEmpty):
            return start(name, attributes, isEmpty, token.range).map { ($0, offset) }
        case .end(let name): return end(name, token.range).map { ($0, offset) }
        case .text(let text):
            if node != nil {
                node?.text += text
            } else if !isInRoot, !text.utf8.allSatisfy(\.isXMLSpace) {
                return (.strayText, offset)
            }
            return nil
        case .comment(let words):
            if isInRoot, node == nil {
                comments.append(DirectDocument.Comment(words: words, range: token.range))
            }
            return nil
        case .other: return nil
        }
    }

    private mutating func start(
        _ name: String, _ attributes: [XMLAttribute], _ isEmpty: Bool, _ range: Range<Int>
    ) -> DirectFileProblem.Kind? {
        guard isInRoot else {
            guard name == "direct" else { return .wrongRoot(name) }
            guard root == nil else { return .misplacedElement(name) }
            root = DirectDocument.Root(start: range, end: range, attributes: attributes.map(\.name))
            isInRoot = !isEmpty
            return nil
        }
        guard let known = DirectNode.Name(rawValue: name) else {
            return name == "direct" ? .misplacedElement(name) : .unknownElement(name)
        }
        guard node == nil else { return .misplacedElement(name) }
        let made = DirectNode(
            name: known,
            attributes: Dictionary(
                attributes.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }),
            text: "", range: range)
        if isEmpty { nodes.append(made) } else { node = made }
        return nil
    }

    private mutating func end(_ name: String, _ range: Range<Int>) -> DirectFileProblem.Kind? {
        if var ended = node {
            guard name == ended.name.rawValue else {
                return .wrongEnd(found: name, expected: ended.name.rawValue)
            }
            ended.range = ended.range.lowerBound..<range.upperBound
            nodes.append(ended)
            node = nil
            return nil
        }
        guard isInRoot else { return .misplacedElement(name) }
        guard name == "direct" else { return .wrongEnd(found: name, expected: "direct") }
        root?.end = range
        isInRoot = false
        return nil
    }
}
