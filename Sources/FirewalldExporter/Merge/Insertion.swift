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

/// Disables elements of kumactl in XML comments while ours replace them.
///
/// Both together would redirect twice. Removal restores the element, byte for byte. A comment can't
/// contain `--`, so the second of two dashes is written as `&#45;`, and `&` itself as `&amp;`.
enum SetAside {
    private static let heading = " set aside by tproxy, restored on removal: "

    static func comment(_ element: some Collection<UInt8>) -> [UInt8] {
        Array("<!--\(heading)".utf8) + escaped(element) + Array(" -->".utf8)
    }

    /// Returns the element in a comment; nil for any other comment.
    static func element(in words: String) -> [UInt8]? {
        guard words.hasPrefix(heading), words.hasSuffix(" ") else { return nil }
        let text = words.utf8.dropFirst(heading.utf8.count).dropLast()
        return unescaped(Array(text))
    }

    private static func escaped(_ element: some Collection<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        for byte in element {
            switch byte {
            case UInt8(ascii: "&"): text += Array("&amp;".utf8)
            case UInt8(ascii: "-") where text.last == byte: text += Array("&#45;".utf8)
            case _: text.append(byte)
            }
        }
        return text
    }

    private static func unescaped(_ text: [UInt8]) -> [UInt8] {
        let references = [
            (Array("&amp;".utf8), UInt8(ascii: "&")), (Array("&#45;".utf8), UInt8(ascii: "-")),
        ]
        var element: [UInt8] = []
        var index = 0
        while index < text.count {
            let found = references.first { text[index...].starts(with: $0.0) }
            element.append(found?.1 ?? text[index])
            index += found?.0.count ?? 1
        }
        return element
    }
}
