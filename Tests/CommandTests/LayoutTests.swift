import Testing

@testable import TproxyCommands

/// Reports are laid out for the width of the screen.
@Suite struct LayoutTests {
    private func screen(_ width: Int, isColoured: Bool = false) -> Screen {
        Screen(width: width, height: nil, isColoured: isColoured)
    }

    @Test(arguments: [40, 41, 55, 80, 200])
    func noLineIsWiderThanTheScreen(width: Int) {
        var report = ReportText()
        report.add("    1.  " + String(repeating: "to port 80, ", count: 30), hanging: 8)
        report.add(String(repeating: "x", count: 500), hanging: 4)
        report.add(
            TextTable(
                header: ["CHAIN", "RULE", "REASON"],
                rows: [
                    [
                        "a", String(repeating: "word ", count: 40),
                        String(repeating: "y", count: 99),
                    ],
                    ["", "", "short"],
                ]))
        let lines = report.lines(on: screen(width))
        #expect(lines.allSatisfy { $0.count <= width })
        let words = lines.joined(separator: " ").split(separator: " ")
        #expect(words.count { $0 == "port" } == 30)
        #expect(words.count { $0 == "word" } == 40)
        #expect(words.joined().count { $0 == "x" } == 500)
        #expect(words.joined().count { $0 == "y" } == 99)
    }

    @Test func continuationLinesAreIndented() {
        var report = ReportText()
        report.add("    1.  one two three four five six seven eight nine ten", hanging: 8)
        #expect(
            report.lines(on: screen(40)) == [
                "    1.  one two three four five six", "        seven eight nine ten",
            ])
    }

    @Test func linesThatFitStayUnchanged() {
        var report = ReportText()
        report.add("two  spaces   stay")
        #expect(report.lines(on: screen(80)) == ["two  spaces   stay"])
    }

    @Test func coloursEndWithTheirSpan() {
        var report = ReportText()
        report.add([Span("plain "), Span("REDIRECTED to port 15001", .redirected)])
        #expect(
            report.text(on: screen(80, isColoured: true))
                == "plain \u{1B}[36mREDIRECTED to port 15001\u{1B}[0m\n")
        #expect(report.text(on: screen(80)) == "plain REDIRECTED to port 15001\n")
    }

    /// A file keeps long lines whole, so that a search finds them.
    @Test func linesOfAFileAreNotWrapped() {
        let wide = String(repeating: "word ", count: 40) + "end"
        var report = ReportText()
        report.add(TextTable(header: ["A", "B"], rows: [[wide, wide]]))
        report.add(wide)
        #expect(report.lines(on: .file).count == 3)
        #expect(report.lines(on: screen(80)).count > 5)
    }
}
