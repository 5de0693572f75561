import Diagnostics
import Foundation

/// The one place that writes to the terminal: results to stdout, diagnostics to stderr.
struct Console {
    static func result(_ text: String) {
        write(text.hasSuffix("\n") ? text : text + "\n", to: .standardOutput)
    }

    static func report(_ diagnostics: [Diagnostic]) {
        let printer = DiagnosticPrinter()
        for diagnostic in diagnostics {
            note(printer.text(of: diagnostic))
        }
    }

    static func note(_ text: String) {
        write(text + "\n", to: .standardError)
    }

    /// A reader that has gone away (`tproxy plan | head`) is no error of ours.
    private static func write(_ text: String, to handle: FileHandle) {
        try? handle.write(contentsOf: Data(text.utf8))
    }
}
