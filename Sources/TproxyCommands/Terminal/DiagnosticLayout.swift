import Diagnostics

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
            guard let found = line.firstRange(of: word) else { continue }
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
