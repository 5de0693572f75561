import Diagnostics
import FaultPoints
import Glibc
import JSON
import LinuxHost
import Synchronization

/// The only code that writes to the terminal: results to stdout, diagnostics to stderr.
///
/// With `--output json`, all of a run is one document on stdout: `finish` prints it.
struct Console {
    private struct State {
        var options = ConsoleOptions()
        /// Whether the output is the log of a container: a run says in one line what it did.
        var isInContainer = false
        /// The words of the command line.
        var typed = TypedWords([])
        /// The report of a run with `--output json`, and all diagnostics of that run.
        var report: JSONValue?
        /// Whether a document of another form was printed, such as the rules of `--format nft`.
        var hasPrinted = false
        var diagnostics: [Diagnostic] = []
        var reported: Set<Diagnostic> = []
    }

    private static let state = Mutex(State())

    /// Configures all output, for the arguments of the program.
    static func configure(_ arguments: [String], isInContainer: Bool) {
        state.withLock {
            $0 = State(
                options: ConsoleOptions(arguments), isInContainer: isInContainer,
                typed: TypedWords(arguments))
        }
    }

    static var isInContainer: Bool { state.withLock { $0.isInContainer } }

    private static var options: ConsoleOptions { state.withLock { $0.options } }

    /// The command line of this run, as a shell reads it.
    static var commandLine: String { state.withLock { $0.typed }.commandLine }

    // MARK: Results

    /// Writes a document verbatim: rules, files, drawings.
    ///
    /// On a terminal, replaces characters that would control the terminal.
    static func document(_ text: String) {
        state.withLock { $0.hasPrinted = true }
        let shown = isatty(STDOUT_FILENO) == 1 ? VisibleText.lines(text) : text
        write(shown.hasSuffix("\n") ? shown : shown + "\n", to: STDOUT_FILENO)
    }

    /// Writes a report as JSON; with `--output json`, at the end of the run.
    static func document(_ report: some JSONReport) throws {
        let value = try JSONText.value(of: report)
        guard options.isJSON else { return document(JSONText.text(of: value)) }
        state.withLock { $0.report = value }
    }

    /// Writes the text of a file exactly, without a line end that it lacks.
    ///
    /// On a terminal, replaces characters that would control the terminal.
    static func file(_ text: String) {
        state.withLock { $0.hasPrinted = true }
        write(isatty(STDOUT_FILENO) == 1 ? VisibleText.lines(text) : text, to: STDOUT_FILENO)
    }

    /// Writes one or more sentences.
    static func result(_ text: String) {
        guard !options.isQuiet else { return }
        write(VisibleText.lines(text.hasSuffix("\n") ? text : text + "\n"), to: STDOUT_FILENO)
    }

    /// Writes a report, laid out for the terminal or the file that receives it.
    static func result(_ report: ReportText) {
        guard !options.isQuiet else { return }
        write(report.text(on: screen(STDOUT_FILENO)), to: STDOUT_FILENO)
    }

    /// Writes a report through a pager if it is longer than the screen.
    static func page(_ report: ReportText) {
        page(ReportText(), report) {}
    }

    /// Writes a report with diagnostics between its head and the rest.
    ///
    /// If head and rest are longer than the screen, a pager shows both after the diagnostics.
    static func page(_ head: ReportText, _ rest: ReportText, between diagnostics: () -> Void) {
        guard !options.isQuiet else { return diagnostics() }
        let screen = screen(STDOUT_FILENO)
        let (first, others) = (head.lines(on: screen), rest.lines(on: screen))
        let texts = [first, others].map { $0.map { $0 + "\n" }.joined() }
        if let height = screen.height, first.count + others.count >= height,
            let pager = Pager(environment)
        {
            diagnostics()
            if !pager.show(texts.joined(), environment) {
                write(texts.joined(), to: STDOUT_FILENO)
            }
            return
        }
        write(texts[0], to: STDOUT_FILENO)
        diagnostics()
        write(texts[1], to: STDOUT_FILENO)
    }

    /// Writes text that the user asked for instead of a run, such as help.
    static func help(_ text: String) {
        write(VisibleText.lines(text.hasSuffix("\n") ? text : text + "\n"), to: STDOUT_FILENO)
    }

    /// Writes help, at most 100 columns wide.
    static func help(_ report: ReportText) {
        var screen = screen(STDOUT_FILENO)
        screen.width = min(screen.width ?? HelpText.width, HelpText.width)
        write(report.text(on: screen), to: STDOUT_FILENO)
    }

    // MARK: Diagnostics

    /// Reports each diagnostic once, on stderr or in the document of the run.
    static func report(_ diagnostics: [Diagnostic]) {
        let (options, typed, new) = state.withLock { state in
            (
                state.options, state.typed,
                diagnostics.filter { state.reported.insert($0).inserted }
            )
        }
        let shown = new.filter { !options.isQuiet || $0.severity == .error }
        let first = shown.prefix(Diagnostic.shownAtOnce).map { typed.placing($0) }
        let rest = shown.dropFirst(Diagnostic.shownAtOnce)
        let errors = rest.count { $0.severity == .error }
        let more = "and \(rest.count) more, \(errors) of them errors"
        guard !options.isJSON else {
            state.withLock {
                $0.diagnostics += first
                if !rest.isEmpty {
                    $0.diagnostics.append(Diagnostic(.note, id: "more-diagnostics", more))
                }
            }
            return
        }
        let screen = screen(STDERR_FILENO)
        for diagnostic in first {
            write(
                ReportText(diagnostic, width: screen.width).text(on: screen), to: STDERR_FILENO)
        }
        if !rest.isEmpty { write(more + "\n", to: STDERR_FILENO) }
    }

    static func note(_ report: ReportText) {
        let options = options
        guard !options.isQuiet, !options.isJSON else { return }
        write(report.text(on: screen(STDERR_FILENO)), to: STDERR_FILENO)
    }

    static func note(_ text: String) {
        let options = options
        guard !options.isQuiet, !options.isJSON else { return }
        write(VisibleText.lines(text) + "\n", to: STDERR_FILENO)
    }

    /// Prints the document of a run with `--output json`: its report, or that it failed, together
    /// with all diagnostics.
    ///
    /// A run that printed another document has its diagnostics on stderr.
    static func finish(_ exitStatus: Int32) {
        let ended = state.withLock { state in
            defer {
                state.options.isJSON = false
                state.report = nil
                state.diagnostics = []
            }
            return state
        }
        guard ended.options.isJSON else { return }
        guard !ended.hasPrinted, exitStatus != 0 || ended.report != nil else {
            return report(ended.diagnostics)
        }
        do {
            let report =
                try ended.report ?? JSONText.value(of: FailureReport(exitStatus: exitStatus))
            document(try JSONText.text(of: report, with: ended.diagnostics))
        } catch {
            report(ended.diagnostics + [.reportWithoutJSON("\(error)")])
        }
    }

    // MARK: Writing

    private static let environment = ProcessEnvironment.variables

    private static func screen(_ descriptor: Int32) -> Screen {
        Screen(descriptor, environment, options.color)
    }

    private static let firstLoss = Mutex<Int32?>(nil)

    /// The reason why results or diagnostics could not be written; nil if all were.
    ///
    /// Also nil for a reader that has closed its end (`tproxy plan | head`), which is no error.
    static var loss: String? {
        firstLoss.withLock { $0 }.map { unsafe String(cString: strerror($0)) }
    }

    private static let commentsDiagnostics = Atomic(false)

    /// Prints what follows on stderr as comments of a shell script.
    static func commentDiagnostics() {
        commentsDiagnostics.store(true, ordering: .relaxed)
    }

    /// Returns the lines as comments of a shell script.
    static func commented(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : "# \($0)" }.joined(separator: "\n")
    }

    private static func write(_ text: String, to descriptor: Int32) {
        let isCommented =
            descriptor == STDERR_FILENO && commentsDiagnostics.load(ordering: .relaxed)
        var text = isCommented ? commented(text) : text
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
