/// How a file is laid out, so that ours looks as if it belonged there.
struct Layout {
    var lineEnd: [UInt8]
    /// What an element inside the root has before it.
    var indentation: [UInt8]

    /// firewalld's own.
    static let standard = Layout(lineEnd: Array("\n".utf8), indentation: Array("  ".utf8))

    init(lineEnd: [UInt8], indentation: [UInt8]) {
        self.lineEnd = lineEnd
        self.indentation = indentation
    }

    /// What the file does, or firewalld's way where it doesn't show.
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
