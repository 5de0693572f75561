/// A Markdown document with blocks that a run writes.
enum Document {
    static func start(_ block: String) -> String { "<!-- made by 'make bench': \(block) -->" }
    static func end(_ block: String) -> String { "<!-- end of \(block) -->" }

    /// Puts `lines` between the marks of `block`; nil when the document hasn't got them.
    static func replacing(
        _ block: String, with lines: [String], in document: String
    ) -> String? {
        let (startMark, endMark) = (start(block), end(block))
        guard let first = document.firstRange(of: startMark),
            let last = document[first.upperBound...].firstRange(of: endMark)
        else { return nil }
        return document[..<first.upperBound] + "\n\n" + lines.joined(separator: "\n") + "\n\n"
            + document[last.lowerBound...]
    }
}
