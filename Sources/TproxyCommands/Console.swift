import Diagnostics
import FaultPoints
import Foundation
import Glibc
import Synchronization

/// The one place that writes to the terminal: results to stdout, diagnostics to stderr.
struct Console {
    /// Writes a document as it is: JSON, rules, files.
    static func result(_ text: String) {
        write(text.hasSuffix("\n") ? text : text + "\n", to: STDOUT_FILENO)
    }

    /// Writes what is for people, laid out for where it goes.
    static func result(_ report: ReportText) {
        write(report.text(on: .standardOutput(environment)), to: STDOUT_FILENO)
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
        write(text, to: STDOUT_FILENO)
    }

    static func report(_ diagnostics: [Diagnostic]) {
        let screen = Screen.standardError(environment)
        for diagnostic in diagnostics {
            write(
                ReportText(diagnostic, width: screen.width).text(on: screen), to: STDERR_FILENO)
        }
    }

    static func note(_ report: ReportText) {
        write(report.text(on: .standardError(environment)), to: STDERR_FILENO)
    }

    static func note(_ text: String) {
        write(text + "\n", to: STDERR_FILENO)
    }

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    private static let firstLoss = Mutex<Int32?>(nil)

    /// Why some of the results or diagnostics could not be written; nil when all could, and for a
    /// reader that has gone away (`tproxy plan | head`), which is no error of ours.
    static var loss: String? {
        firstLoss.withLock { $0 }.map { unsafe String(cString: strerror($0)) }
    }

    private static func write(_ text: String, to file: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { buffer in
                systemCall(.print) { unsafe Glibc.write(file, buffer.baseAddress, buffer.count) }
            }
            if count < 0 {
                let code = errno
                if code == EINTR { continue }
                if code == EAGAIN {
                    var ready = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
                    _ = unsafe poll(&ready, 1, -1)
                    continue
                }
                if code != EPIPE { firstLoss.withLock { $0 = $0 ?? code } }
                return
            }
            rest = rest.dropFirst(count)
        }
    }
}
