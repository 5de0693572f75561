import Diagnostics
import Foundation
import Glibc

/// The one place that writes to the terminal: results to stdout, diagnostics to stderr.
struct Console {
    /// Writes a document as it is: JSON, rules, files.
    ///
    /// On a terminal it is for looking at, and what would drive the terminal isn't let through.
    static func document(_ text: String) {
        let shown = isatty(STDOUT_FILENO) == 1 ? VisibleText.lines(text) : text
        write(shown.hasSuffix("\n") ? shown : shown + "\n", to: .standardOutput)
    }

    /// Writes a sentence or several.
    static func result(_ text: String) {
        write(VisibleText.lines(text) + "\n", to: .standardOutput)
    }

    /// Writes what is for people, laid out for where it goes.
    static func result(_ report: ReportText) {
        write(report.text(on: .standardOutput(environment)), to: .standardOutput)
    }

    /// The same through a pager, if it is longer than the screen.
    static func page(_ report: ReportText) {
        let screen = Screen.standardOutput(environment)
        let lines = report.lines(on: screen)
        let text = lines.map { $0 + "\n" }.joined()
        if let height = screen.height, lines.count >= height, let pager = Pager(environment),
            pager.show(text, environment)
        {
            return
        }
        write(text, to: .standardOutput)
    }

    static func report(_ diagnostics: [Diagnostic]) {
        let screen = Screen.standardError(environment)
        for diagnostic in diagnostics.prefix(Diagnostic.shownAtOnce) {
            write(
                ReportText(diagnostic, width: screen.width).text(on: screen), to: .standardError)
        }
        let rest = diagnostics.dropFirst(Diagnostic.shownAtOnce)
        guard !rest.isEmpty else { return }
        let errors = rest.count { $0.severity == .error }
        note("and \(rest.count) more like these, of which \(errors) are errors")
    }

    static func note(_ report: ReportText) {
        write(report.text(on: .standardError(environment)), to: .standardError)
    }

    static func note(_ text: String) {
        write(VisibleText.lines(text) + "\n", to: .standardError)
    }

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    /// A reader that has gone away (`tproxy plan | head`) is no error of ours.
    private static func write(_ text: String, to handle: FileHandle) {
        try? handle.write(contentsOf: Data(text.utf8))
    }
}
