import Diagnostics

/// What holds for all that is said to a person.
enum ReadableDiagnostics {
    /// So much is said of one problem, and no more.
    private static let maximumSize = 16 << 10

    static func check(_ diagnostics: [Diagnostic]) throws(BrokenPromise) {
        let printer = DiagnosticPrinter()
        for diagnostic in diagnostics.prefix(Diagnostic.shownAtOnce) {
            let text = printer.text(of: diagnostic)
            try promise(!diagnostic.message.isEmpty, "a diagnostic says nothing")
            try promise(
                text.utf8.count <= maximumSize, "diagnostic '\(diagnostic.id)' is long")
            for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
                try promise(
                    VisibleText.of(String(line)) == line,
                    "diagnostic '\(diagnostic.id)' has control characters")
            }
        }
    }
}
