import TextSearch

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

/// The XML comments around our elements.
///
/// They make the block visible to people, and record how to restore the original bytes. Without
/// them, `Ownership` identifies our elements.
enum BlockMark: Equatable {
    /// The state of the file before the block was added.
    enum Origin: String {
        /// The root element had an end tag.
        case root = "in <direct>"
        /// The root element was an empty tag, `<direct/>`.
        case emptyTag = "in what was <direct/>"
        /// The file had no element.
        case noRoot = "in a file that had no element"
        /// The file didn't exist.
        case noFile = "in a file of its own"
    }

    case begin(version: String, digest: String, Origin)
    case end

    private static let beginning = " tproxy begin: version "
    private static let digest = ", digest "
    private static let advice = "; tproxy replaces everything up to its end "
    private static let ending = " tproxy end "

    /// The text between `<!--` and `-->`.
    var words: String {
        switch self {
        case .begin(let version, let digest, let origin):
            Self.beginning + version + Self.digest + digest + ", " + origin.rawValue + Self.advice
        case .end: Self.ending
        }
    }

    init?(words: String) {
        if words == Self.ending {
            self = .end
            return
        }
        guard words.hasPrefix(Self.beginning), words.hasSuffix(Self.advice) else { return nil }
        let parts = words.dropFirst(Self.beginning.count).dropLast(Self.advice.count)
        guard let mark = parts.firstRange(ofText: Self.digest),
            let end = parts[mark.upperBound...].firstRange(ofText: ", "),
            let origin = Origin(rawValue: String(parts[end.upperBound...]))
        else { return nil }
        self = .begin(
            version: String(parts[..<mark.lowerBound]),
            digest: String(parts[mark.upperBound..<end.lowerBound]), origin)
    }

    var text: String { "<!--\(words)-->" }
}

/// The contents of a `direct.xml` of ours around the block, formatted as by firewalld.
enum Skeleton {
    static let head = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<direct>\n"
    static let foot = "</direct>\n"
}
