/// Removes our part of a `direct.xml`.
struct Removal {
    /// The remaining contents; nil if the file was ours alone.
    private(set) var bytes: [UInt8]?
    /// The number of our elements that were removed.
    private(set) var removed = 0
    /// The number of kumactl's elements that were restored.
    private(set) var restored = 0
    /// The number of our elements without marks, as when firewalld rewrites the file.
    private(set) var unmarked = 0
    /// Whether foreign content stood between our marks; it is kept.
    private(set) var hasForeignContent = false

    private let document: DirectDocument
    private var edits: [ByteEdit] = []

    init(from old: [UInt8]) throws(DirectFileProblem) {
        document = try DirectDocument(old)
        for comment in document.comments {
            guard let element = SetAside.element(in: comment.words) else { continue }
            edits.append(ByteEdit(range: comment.range, replacement: element))
            restored += 1
        }
        let block = Block(document.comments)
        let isInside = { (node: DirectNode) in
            block?.inside.contains(node.range.lowerBound) ?? false
        }
        let inside = document.nodes.filter(isInside)
        let loose = Self.ours(document.nodes.filter { !isInside($0) })
        unmarked = loose.count
        cut(loose)
        if let block {
            cut(block, Self.ours(inside))
        } else {
            cutMarks()
        }
        removed += unmarked
        let rest = old.applying(edits)
        bytes = block?.origin == .noFile && rest == Self.emptyFile ? nil : rest
    }

    /// The contents of a file of ours without the block.
    static let emptyFile = Array(Skeleton.head.utf8) + Array(Skeleton.foot.utf8)

    private static func ours(_ nodes: [DirectNode]) -> [DirectNode] {
        zip(nodes, Ownership(nodes).owners(of: nodes)).filter { $0.1 == .tproxy }.map(\.0)
    }

    /// Removes elements with their lines.
    private mutating func cut(_ nodes: [DirectNode]) {
        edits += nodes.map { ByteEdit(range: document.bytes.line(around: $0.range)) }
    }

    private mutating func cutMarks() {
        edits += document.comments.filter { BlockMark(words: $0.words) != nil }
            .map { ByteEdit(range: document.bytes.line(around: $0.range)) }
    }

    private mutating func cut(_ block: Block, _ ours: [DirectNode]) {
        removed += ours.count
        let rest = document.bytes.applying(
            ours.map { ByteEdit(range: $0.range) }
                + [
                    ByteEdit(range: 0..<block.inside.lowerBound),
                    ByteEdit(range: block.inside.upperBound..<document.bytes.count),
                ])
        hasForeignContent = !rest.allSatisfy(\.isXMLSpace)
        guard !hasForeignContent else {
            cut(ours)
            return cutMarks()
        }
        let bytes = document.bytes
        var range = block.range
        let indentation = bytes.indentation(before: range.lowerBound)
        for lineEnd in ["\r\n", "\n"] {
            let tail = Block.tail(Array(lineEnd.utf8), indentation)
            if bytes[range.upperBound...].starts(with: tail) {
                range = range.lowerBound..<(range.upperBound + tail.count)
                break
            }
        }
        edits.append(undo(block.origin, range))
    }

    /// Returns the edit that removes the block and restores the root element.
    private func undo(_ origin: BlockMark.Origin, _ block: Range<Int>) -> ByteEdit {
        let bytes = document.bytes
        guard let root = document.root, !root.isEmptyTag else { return ByteEdit(range: block) }
        let before = bytes[root.start.upperBound..<block.lowerBound]
        let isAlone = block.upperBound == root.end.lowerBound
        switch origin {
        case .emptyTag where isAlone && before.isEmpty:
            return ByteEdit(
                range: (root.start.upperBound - 1)..<root.end.upperBound,
                replacement: Array("/>".utf8))
        case .noRoot
        where isAlone && before.allSatisfy(\.isXMLSpace)
            && bytes[root.end.upperBound...].allSatisfy(\.isXMLSpace):
            return ByteEdit(range: root.start.lowerBound..<bytes.count)
        case .root, .emptyTag, .noRoot, .noFile: return ByteEdit(range: block)
        }
    }
}
