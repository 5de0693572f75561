import Diagnostics

/// Invariants of every diagnostic.
enum ReadableDiagnostics {
    /// The largest size of one diagnostic.
    private static let maximumSize = 16 << 10

    static func check(_ diagnostics: [Diagnostic]) throws(BrokenPromise) {
        let printer = DiagnosticPrinter()
        for diagnostic in diagnostics.prefix(Diagnostic.shownAtOnce) {
            let text = printer.text(of: diagnostic)
            try promise(!diagnostic.message.isEmpty, "a diagnostic has no message")
            try promise(
                text.utf8.count <= maximumSize, "diagnostic '\(diagnostic.id)' is too long")
            for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
                try promise(
                    VisibleText.of(String(line)) == line,
                    "diagnostic '\(diagnostic.id)' has control characters")
            }
        }
    }
}
