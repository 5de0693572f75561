/// Inserts our block into a `direct.xml` without one.
struct Insertion {
    let bytes: [UInt8]
    /// The number of kumactl's elements that are disabled.
    let setAside: Int

    init(_ output: FirewalldExporter.Output, into old: [UInt8]?) throws(DirectFileProblem) {
        guard let old else {
            let block = Block.text(output, .noFile, .standard, indentation: [])
            bytes = Array(Skeleton.head.utf8) + block + Array(Skeleton.foot.utf8)
            setAside = 0
            return
        }
        let document = try DirectDocument(old)
        let owners = Ownership(document.nodes).owners(of: document.nodes)
        let former = zip(document.nodes, owners).filter { $0.1 == .kumactl }.map(\.0.range)
        setAside = former.count
        bytes = old.applying(
            former.map { ByteEdit(range: $0, replacement: SetAside.comment(old[$0])) }
                + [Self.edit(output, document)])
    }

    /// Returns the edit that inserts the block at the end of the root.
    private static func edit(
        _ output: FirewalldExporter.Output, _ document: DirectDocument
    ) -> ByteEdit {
        let layout = Layout(of: document)
        let bytes = document.bytes
        guard let root = document.root else {
            let block = Block.text(output, .noRoot, layout, indentation: [])
            return ByteEdit(
                range: bytes.count..<bytes.count,
                replacement: Array("<direct>".utf8) + layout.lineEnd + block
                    + Array("</direct>".utf8) + layout.lineEnd)
        }
        guard !root.isEmptyTag else {
            let block = Block.text(output, .emptyTag, layout, indentation: [])
            let end = root.start.upperBound
            return ByteEdit(
                range: (end - 2)..<end,
                replacement: Array(">".utf8) + block + Array("</direct>".utf8))
        }
        let place = root.end.lowerBound
        let indentation = bytes.indentation(before: place)
        return ByteEdit(
            range: place..<place,
            replacement: Block.text(output, .root, layout, indentation: indentation))
    }
}
