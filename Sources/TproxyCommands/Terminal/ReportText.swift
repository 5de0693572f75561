import Diagnostics
import TextSearch

/// The text of a command's report, independent of the width of the screen.
struct ReportText {
    private enum Part {
        case line([Span], hanging: Int)
        case table(TextTable)
    }

    private var parts: [Part] = []

    init() {}

    /// Creates a report from lines; a line that is too long is wrapped, indented by two columns.
    init(_ text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last == "" { lines.removeLast() }
        for line in lines {
            let indent = line.prefix { $0 == " " }.count
            add(String(line), hanging: indent + 2)
        }
    }

    /// Adds a line; when wrapped, further lines are indented by `hanging` columns.
    mutating func add(_ spans: [Span], hanging: Int = 2) {
        parts.append(.line(spans, hanging: hanging))
    }

    mutating func add(_ span: Span, hanging: Int = 2) {
        add([span], hanging: hanging)
    }

    mutating func add(_ text: String, _ meaning: Span.Meaning = .plain, hanging: Int = 2) {
        add([Span(text, meaning)], hanging: hanging)
    }

    mutating func add(_ table: TextTable) {
        parts.append(.table(table))
    }

    var isEmpty: Bool { parts.isEmpty }

    mutating func add(_ report: ReportText) {
        parts += report.parts
    }

    mutating func addBlankLine() {
        add("")
    }

    /// Returns the lines for a screen.
    func lines(on screen: Screen) -> [String] {
        parts.flatMap { part -> [[Span]] in
            switch part {
            case .line(let spans, let hanging):
                spans.wrapped(to: screen.width, hanging: hanging)
            case .table(let table): table.lines(width: screen.width)
            }
        }.map { $0.text(isColoured: screen.isColoured) }
    }

    /// Returns the text for a screen, with a newline after each line.
    func text(on screen: Screen) -> String {
        lines(on: screen).map { $0 + "\n" }.joined()
    }
}

extension ReportText {
    /// Lays out a diagnostic, with its severity and remedy highlighted.
    init(_ diagnostic: Diagnostic, width: Int?) {
        self.init()
        add(diagnostic, width: width)
    }

    /// Adds a diagnostic; `width` limits its excerpt.
    mutating func add(_ diagnostic: Diagnostic, width: Int? = nil) {
        let printer = width.map { DiagnosticPrinter(width: $0) } ?? DiagnosticPrinter()
        for line in printer.text(of: diagnostic).split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            add(Self.spans(line, diagnostic.severity))
        }
    }

    private static func spans(_ line: Substring, _ severity: Diagnostic.Severity) -> [Span] {
        for (word, meaning) in [
            ("\(severity.rawValue): ", meaning(of: severity)), ("note: ", .heading),
            ("help: ", .good),
        ] {
            guard let found = line.firstRange(ofText: word) else { continue }
            return [
                Span(String(line[..<found.lowerBound])), Span(word, meaning),
                Span(String(line[found.upperBound...])),
            ]
        }
        return [Span(String(line))]
    }

    private static func meaning(of severity: Diagnostic.Severity) -> Span.Meaning {
        switch severity {
        case .error: .alarming
        case .warning: .doubtful
        case .note: .heading
        }
    }
}
