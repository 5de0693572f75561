import Glibc
import LinuxHost

/// The capabilities of the output device.
struct Screen: Hashable, Sendable {
    /// The minimum width; a narrower terminal is treated as having this width.
    private static let leastWidth = 40
    private static let standardWidth = 80

    /// The maximum number of columns; nil for no limit, so that programs read whole lines.
    var width: Int?
    /// The number of lines; nil if the output doesn't scroll.
    var height: Int?
    var isColoured: Bool

    /// A file or a pipe.
    static let file = Screen(width: nil, height: nil, isColoured: false)

    init(width: Int?, height: Int?, isColoured: Bool) {
        self.width = width
        self.height = height
        self.isColoured = isColoured
    }

    /// Determines the capabilities of a descriptor.
    ///
    /// `COLUMNS` takes precedence over the terminal. NO_COLOR (no-color.org) and `TERM=dumb`
    /// disable colour, unless `color` asks for it.
    init(_ descriptor: Int32, _ environment: [String: String], _ color: ColorChoice) {
        let columns = environment["COLUMNS"].flatMap { Int($0) }.map { max($0, Self.leastWidth) }
        guard isatty(descriptor) == 1 else {
            self.init(width: columns, height: nil, isColoured: color == .always)
            return
        }
        var size = winsize()
        let isKnown = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0
        let own = isKnown && size.ws_col > 0 ? Int(size.ws_col) : Self.standardWidth
        let isPlain = environment["NO_COLOR"]?.isEmpty == false || environment["TERM"] == "dumb"
        let isColoured =
            switch color {
            case .auto: !isPlain
            case .always: true
            case .never: false
            }
        self.init(
            width: columns ?? max(own, Self.leastWidth),
            height: isKnown && size.ws_row > 0 ? Int(size.ws_row) : nil, isColoured: isColoured)
    }
}

/// A program that shows long output page by page, chosen as by git(1).
struct Pager {
    private let command: String

    /// Chooses `TPROXY_PAGER`, else `PAGER`, else less(1); nil if the user disabled it (empty or
    /// `cat`).
    init?(_ environment: [String: String]) {
        let command = environment["TPROXY_PAGER"] ?? environment["PAGER"] ?? "less"
        guard !command.isEmpty, command != "cat" else { return nil }
        self.command = command
    }

    /// Shows the text and waits for the pager; returns false if it can't be started.
    func show(_ text: String, _ environment: [String: String]) -> Bool {
        Self.prepare(environment)
        guard let pipe = unsafe popen("exec \(command)", "we") else { return false }
        // A pager may exit early, which must not end tproxy. The pager must not inherit the
        // setting.
        signal(SIGPIPE, SIG_IGN)
        unsafe fputs(text, pipe)
        // WEXITSTATUS of <sys/wait.h> is a macro. sh(1) returns 126 and 127 if it can't run the
        // program.
        let status = unsafe pclose(pipe) >> 8 & 0xFF
        return status != 126 && status != 127
    }

    /// Configures less(1) as git does: quit if the text fits one screen, show colours, leave the
    /// text.
    ///
    /// For a user of sudo(8), less(1) must not offer a root shell.
    private static func prepare(_ environment: [String: String]) {
        if environment["LESS"] == nil { unsafe setenv("LESS", "FRX", 1) }
        // The user may control PATH.
        if geteuid() == 0 { unsafe setenv("PATH", ProgramSearch.searchPath, 1) }
        if environment["SUDO_UID"] != nil { unsafe setenv("LESSSECURE", "1", 1) }
    }
}
