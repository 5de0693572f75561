import Testing

@testable import Diagnostics

@Suite struct SourceTextTests {
    @Test(arguments: ["\n", "\r", "\r\n", "\u{85}", "\u{2028}", "\u{2029}"])
    func findsLines(end: String) {
        let text = SourceText("ä: 1\(end)\(end)last", name: "f")
        #expect((0...4).map { text.line($0) } == [nil, "ä: 1", "", "last", nil])
        // The first byte, the last byte of each line end, and the last byte of all.
        let length = end.utf8.count
        let places = [0, 4 + length, 4 + 2 * length, 4 + 2 * length + 1, 4 + 2 * length + 4]
            .map { text.place(ofByte: $0) }
        #expect(places.map(\.line) == [1, 1, 2, 3, 3])
        #expect(places.map(\.offset) == [0, 4 + length, length - 1, 0, 3])
    }

    @Test func anEmptyTextHasOneLine() {
        #expect((0...2).map { SourceText("", name: "f").line($0) } == [nil, "", nil])
        #expect(SourceText("a\n", name: "f").line(2) == "")
    }

    /// Locations with different storage are equal if they print the same.
    @Test func placesOfOneLineAreEqual() {
        let text = SourceText("port: 70000\nwait: 5", name: "f")
        let inText = SourceLocation(in: text, line: 2, column: 7, length: 1)
        let alone = SourceLocation(
            source: "f", line: 2, column: 7, excerpt: .init(line: "wait: 5", column: 7, length: 1))
        #expect(inText == alone)
        #expect(inText.hashValue == alone.hashValue)
        #expect(
            inText.narrowed(offset: -1, length: 2) == alone.narrowed(offset: -1, length: 2))
        #expect(inText.moved(toLine: 9).description == "f:9:7")
        #expect(inText.moved(toLine: 9).excerpt == alone.excerpt)
    }

    @Test(arguments: ["", "abc", "a\r\nb", "ä", "e\u{301}", "🇩🇪", "\r"])
    func columnsCountCharacters(text: String) {
        #expect(text.characterCount == text.count)
    }
}
