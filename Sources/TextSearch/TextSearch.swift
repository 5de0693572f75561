// The functions of _StringProcessing for literal text. Release builds don't link that module,
// because its interpreter of regular expressions is a megabyte of the program (decision 0053).
// These compare bytes: a quote before a combining accent is a quote, as for other programs.
extension StringProtocol {
    /// Returns the range of the first occurrence of `text`; nil if there is none.
    package func firstRange(ofText text: some StringProtocol) -> Range<Index>? {
        let bytes = utf8
        let wanted = text.utf8
        guard let first = wanted.first else { return startIndex..<startIndex }
        var start = bytes.startIndex
        while let place = bytes[start...].firstIndex(of: first) {
            var end = place
            var next = wanted.startIndex
            while next < wanted.endIndex, end < bytes.endIndex, bytes[end] == wanted[next] {
                bytes.formIndex(after: &end)
                wanted.formIndex(after: &next)
            }
            if next == wanted.endIndex { return place..<end }
            start = bytes.index(after: place)
        }
        return nil
    }

    /// Whether `text` occurs anywhere.
    package func contains(text: some StringProtocol) -> Bool { firstRange(ofText: text) != nil }

    /// Returns the text after the first occurrence of `start`; nil if there is none.
    package func dropping(through start: some StringProtocol) -> SubSequence? {
        firstRange(ofText: start).map { self[$0.upperBound...] }
    }
}

extension String {
    /// Returns the text with `new` in place of each occurrence of `old`, from left to right.
    package func replacing(text old: String, with new: String) -> String {
        guard !old.isEmpty else { return self }
        var result = ""
        var rest = self[...]
        while let found = rest.firstRange(ofText: old) {
            result += rest[..<found.lowerBound]
            result += new
            rest = rest[found.upperBound...]
        }
        return result + rest
    }
}
