import Testing

@testable import Diagnostics

@Suite struct DiagnosticPrinterTests {
    @Test func printsPlaceCaretNoteAndHelp() {
        let diagnostic = Diagnostic.error(
            id: "port-out-of-range", "port 70000 is outside 1...65535",
            at: SourceLocation(
                source: "tproxy.yaml", line: 7, column: 7,
                excerpt: .init(line: "port: 70000", column: 7, length: 5)),
            notes: ["this is a.b"], help: "choose another")
        #expect(
            DiagnosticPrinter().text(of: diagnostic) == """
                tproxy.yaml:7:7: error: port 70000 is outside 1...65535 [port-out-of-range]
                    port: 70000
                          ^~~~~
                note: this is a.b
                help: choose another
                """)
    }

    /// Such as an empty item after the last comma.
    @Test(arguments: [("a: 1,", 6), ("a: 1,  ", 7), ("a: 1,", 99)])
    func caretsStandUnderText(line: String, column: Int) {
        let text = DiagnosticPrinter().text(
            of: .error(
                id: "a", "b",
                at: SourceLocation(
                    source: "f", excerpt: .init(line: line, column: column, length: 1))))
        #expect(text.split(separator: "\n").last == "        ^")
    }

    @Test func hidesControlCharactersAndCutsLongLines() {
        let line = String(repeating: "x", count: 5000) + "\u{1B}[31mred"
        let text = DiagnosticPrinter().text(
            of: .error(
                id: "a", "b\u{1B}",
                at: SourceLocation(
                    source: "f", excerpt: .init(line: line, column: 5001, length: 3))))
        #expect(!text.contains("\u{1B}"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count < 120 })
    }

    @Test(arguments: [("prot", "port"), ("enabeld", "enabled"), ("kumaDpUser", "kumaDPUser")])
    func suggestsTheMostSimilarName(word: String, expected: String) {
        #expect(nearestName(to: word, among: ["port", "enabled", "kumaDPUser"]) == expected)
        #expect(nearestName(to: "zzzzzzz", among: ["port", "enabled"]) == nil)
    }
}
