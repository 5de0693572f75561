import TextSearch

/// A Markdown document with blocks that a run writes.
enum Document {
    static func start(_ block: String) -> String { "<!-- made by 'make bench': \(block) -->" }
    static func end(_ block: String) -> String { "<!-- end of \(block) -->" }

    /// Replaces what is between the marks of `block` with `lines`; nil if the document lacks the
    /// marks.
    static func replacing(
        _ block: String, with lines: [String], in document: String
    ) -> String? {
        let (startMark, endMark) = (start(block), end(block))
        guard let first = document.firstRange(ofText: startMark),
            let last = document[first.upperBound...].firstRange(ofText: endMark)
        else { return nil }
        return document[..<first.upperBound] + "\n\n" + lines.joined(separator: "\n") + "\n\n"
            + document[last.lowerBound...]
    }
}
