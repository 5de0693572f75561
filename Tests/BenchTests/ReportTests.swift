import JSON
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

    @Test func membersThatAreNotThereAreLeftOut() {
        let value = JSONValue.members([
            "n": [JSONValue(1), JSONValue(0.25)], "none": nil, "not": JSONValue(.infinity),
        ])
        #expect(value.text(.line) == #"{"n": [1, 0.25], "not": null}"#)
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
    @Test(arguments: ["bars", "applying", "change", "dataplane", "startup", "plugin", "ebpf"])
    func performanceDocumentHasTheBlock(name: String) throws {
        let text = try String(
            contentsOf: Scenario.root.appendingPathComponent("docs/performance.md"),
            encoding: .utf8)
        #expect(Document.replacing(name, with: [], in: text) != nil)
    }
}
