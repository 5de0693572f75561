/// The line ends and the indentation of a file, which our block follows.
struct Layout {
    var lineEnd: [UInt8]
    /// The white space before an element in the root.
    var indentation: [UInt8]

    /// The layout of files that firewalld writes.
    static let standard = Layout(lineEnd: Array("\n".utf8), indentation: Array("  ".utf8))

    init(lineEnd: [UInt8], indentation: [UInt8]) {
        self.lineEnd = lineEnd
        self.indentation = indentation
    }

    /// Detects the layout of the file; defaults to that of firewalld.
    init(of document: DirectDocument) {
        self = .standard
        let bytes = document.bytes
        if let end = bytes.firstIndex(of: UInt8(ascii: "\n")), end > 0,
            bytes[end - 1] == UInt8(ascii: "\r")
        {
            lineEnd = Array("\r\n".utf8)
        }
        for node in document.nodes {
            let blanks = bytes.indentation(before: node.range.lowerBound)
            if blanks.startIndex > 0, bytes[blanks.startIndex - 1] == UInt8(ascii: "\n") {
                indentation = Array(blanks)
                return
            }
        }
    }
}
