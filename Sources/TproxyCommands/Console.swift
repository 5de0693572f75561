import Diagnostics
import FaultPoints
import Glibc
import LinuxHost
import Synchronization

/// The only code that writes to the terminal: results to stdout, diagnostics to stderr.
struct Console {
    /// Writes a document verbatim: JSON, rules, files.
    ///
    /// On a terminal, replaces characters that would control the terminal.
    static func document(_ text: String) {
        let shown = isatty(STDOUT_FILENO) == 1 ? VisibleText.lines(text) : text
        write(shown.hasSuffix("\n") ? shown : shown + "\n", to: STDOUT_FILENO)
    }

    /// Writes the text of a file exactly, without a line end that it lacks.
    ///
    /// On a terminal, replaces characters that would control the terminal.
    static func file(_ text: String) {
        write(isatty(STDOUT_FILENO) == 1 ? VisibleText.lines(text) : text, to: STDOUT_FILENO)
    }

    /// Writes one or more sentences.
    static func result(_ text: String) {
        write(VisibleText.lines(text.hasSuffix("\n") ? text : text + "\n"), to: STDOUT_FILENO)
    }

    /// Writes a report, laid out for the terminal or the file that receives it.
    static func result(_ report: ReportText) {
        write(report.text(on: .standardOutput(environment)), to: STDOUT_FILENO)
    }

    /// Writes a report through a pager if it is longer than the screen.
    static func page(_ report: ReportText) {
        let screen = Screen.standardOutput(environment)
        let lines = report.lines(on: screen)
        let text = lines.map { $0 + "\n" }.joined()
        if let height = screen.height, lines.count >= height, let pager = Pager(environment),
            pager.show(text, environment)
        {
            return
        }
        write(text, to: STDOUT_FILENO)
    }

    static func report(_ diagnostics: [Diagnostic]) {
        let screen = Screen.standardError(environment)
        for diagnostic in diagnostics.prefix(Diagnostic.shownAtOnce) {
            write(
                ReportText(diagnostic, width: screen.width).text(on: screen), to: STDERR_FILENO)
        }
        let rest = diagnostics.dropFirst(Diagnostic.shownAtOnce)
        guard !rest.isEmpty else { return }
        let errors = rest.count { $0.severity == .error }
        note("and \(rest.count) more, \(errors) of them errors")
    }

    static func note(_ report: ReportText) {
        write(report.text(on: .standardError(environment)), to: STDERR_FILENO)
    }

    static func note(_ text: String) {
        write(VisibleText.lines(text) + "\n", to: STDERR_FILENO)
    }

    private static let environment = ProcessEnvironment.variables

    private static let firstLoss = Mutex<Int32?>(nil)

    /// The reason why results or diagnostics could not be written; nil if all were.
    ///
    /// Also nil for a reader that has closed its end (`tproxy plan | head`), which is no error.
    static var loss: String? {
        firstLoss.withLock { $0 }.map { unsafe String(cString: strerror($0)) }
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var rest = unsafe UnsafeRawBufferPointer(bytes)[...]
            while unsafe !rest.isEmpty {
                let count = systemCall(.print) {
                    unsafe Glibc.write(
                        descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                }
                let code = errno
                if count < 0, code == EINTR { continue }
                if count < 0, code == EAGAIN {
                    var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = unsafe poll(&ready, 1, -1)
                    continue
                }
                guard count > 0 else {
                    if code != EPIPE { firstLoss.withLock { $0 = $0 ?? code } }
                    return
                }
                unsafe rest = rest.dropFirst(count)
            }
        }
    }
}
