import Testing
import TextSearch

@Suite struct TextSearchTests {
    @Test(arguments: [
        ("abcabd", "abd", 3), ("aaab", "ab", 2), ("abc", "abc", 0), ("abc", "", 0), ("", "", 0),
        ("ab", "abc", nil), ("abc", "d", nil), ("", "a", nil), ("äöü", "ü", 4),
    ])
    func findsTheFirstOccurrence(text: String, wanted: String, offset: Int?) {
        let found = text.firstRange(ofText: wanted)
        #expect(
            found.map { text.utf8.distance(from: text.startIndex, to: $0.lowerBound) } == offset)
        #expect(found.map { String(text[$0]) == wanted } ?? true)
        #expect(text.contains(text: wanted) == (offset != nil))
    }

    @Test func findsWithinAPart() {
        let line = "iptables-restore v1.8.9 (nf_tables): Chain 'NOPE' does not exist"
        let part = line.dropFirst(17)
        #expect(part.dropping(through: "): ") == "Chain 'NOPE' does not exist")
        #expect(part.dropping(through: "restore") == nil)
    }

    @Test(arguments: [
        ("a.b.c", ".", "", "abc"), ("aaa", "aa", "b", "ba"), ("'", "'", "''", "''"),
        ("abc", "", "x", "abc"), ("abc", "d", "x", "abc"), ("", "a", "x", ""),
    ])
    func replacesEachOccurrenceOnce(text: String, old: String, new: String, result: String) {
        #expect(text.replacing(text: old, with: new) == result)
    }

    @Test func findsACharacterBeforeACombiningAccent() {
        #expect("\"\u{301}".replacing(text: "\"", with: "\\\"") == "\\\"\u{301}")
        #expect("a\u{301}".contains(text: "a"))
        #expect(!"\u{E1}".contains(text: "a"))
    }
}
