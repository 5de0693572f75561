import Testing
import TproxyTestSupport

@testable import TproxyBench

@Suite struct ReportTests {
    @Test func columnsAreAsWideAsTheirWidestCell() {
        let table = Table(title: "T", head: ["a", "µs"], rows: [["long cell", "1"]], notes: ["n"])
        #expect(
            table.lines == [
                "### T", "", "| a         | µs |", "|-----------|----|", "| long cell | 1  |", "",
                "n",
            ])
    }

    @Test func emptyTableIsNotMeasured() {
        #expect(Table(title: "T", head: ["a"], rows: []).lines == ["### T", "", "Not measured."])
    }

    @Test func jsonIsEscapedAndIndented() {
        let value = JSON.object([
            "a\"b": .text("line\nbreak\u{1}\\"), "n": .list([.number(1), .number(0.25)]),
            "none": nil, "empty": .list([]), "not": .number(.infinity), "yes": .bool(true),
        ])
        #expect(
            value.rendered() == """
                {
                  "a\\"b": "line\\nbreak\\u0001\\\\",
                  "n": [
                    1,
                    0.25
                  ],
                  "empty": [],
                  "not": null,
                  "yes": true
                }
                """)
    }

    @Test func replacingABlockKeepsTheRest() {
        let document = """
            before
            \(Document.start("one"))
            old
            \(Document.end("one"))
            between
            \(Document.start("two"))
            \(Document.end("two"))
            after
            """
        let changed = Document.replacing("one", with: ["new", "lines"], in: document)
        #expect(
            changed == """
                before
                \(Document.start("one"))

                new
                lines

                \(Document.end("one"))
                between
                \(Document.start("two"))
                \(Document.end("two"))
                after
                """)
        #expect(
            changed.flatMap { Document.replacing("one", with: ["new", "lines"], in: $0) } == changed
        )
        #expect(Document.replacing("three", with: [], in: document) == nil)
    }

    /// A missing block would fail a run only at its end, after twenty minutes.
    @Test(arguments: ["bars", "applying", "change", "dataplane", "startup"])
    func performanceDocumentHasTheBlock(name: String) throws {
        let text = try String(
            contentsOf: Scenario.root.appendingPathComponent("docs/performance.md"),
            encoding: .utf8)
        #expect(Document.replacing(name, with: [], in: text) != nil)
    }
}
