/// Our block in a file, including its two marks.
struct Block {
    /// The range from the start of the first mark to the end of the last.
    let range: Range<Int>
    /// The range between the marks.
    let inside: Range<Int>
    let origin: BlockMark.Origin

    /// Finds the block; nil unless there is one begin mark, followed by one end mark.
    init?(_ comments: [DirectDocument.Comment]) {
        let marks = comments.compactMap { comment in
            BlockMark(words: comment.words).map { (mark: $0, range: comment.range) }
        }
        guard marks.count == 2, case .begin(_, _, let origin) = marks[0].mark,
            marks[1].mark == .end
        else { return nil }
        range = marks[0].range.lowerBound..<marks[1].range.upperBound
        inside = marks[0].range.upperBound..<marks[1].range.lowerBound
        self.origin = origin
    }

    /// Returns the bytes of a block that is inserted after `indentation`.
    static func text(
        _ output: FirewalldExporter.Output, _ origin: BlockMark.Origin, _ layout: Layout,
        indentation: some Collection<UInt8>
    ) -> [UInt8] {
        let begin = BlockMark.begin(version: output.version, digest: output.digest, origin)
        var text = Array(begin.text.utf8) + layout.lineEnd
        for element in output.elements {
            text += layout.indentation + Array(ElementText.text(element).utf8) + layout.lineEnd
        }
        return text + indentation + Array(BlockMark.end.text.utf8)
            + tail(layout.lineEnd, indentation)
    }

    /// Returns the bytes after the last mark that belong to the block: a line end and the
    /// indentation.
    static func tail(_ lineEnd: [UInt8], _ indentation: some Collection<UInt8>) -> [UInt8] {
        lineEnd + indentation
    }
}
