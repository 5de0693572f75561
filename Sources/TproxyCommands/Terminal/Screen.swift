import Glibc

/// Where results go, and what it can show.
struct Screen: Hashable, Sendable {
    /// A narrower terminal is treated as one of this width.
    private static let leastWidth = 40
    private static let standardWidth = 80

    /// Columns that a line may take; nil for no limit, so that whatever reads it has whole lines.
    var width: Int?
    /// Lines that it shows at once; nil where nothing scrolls away.
    var height: Int?
    var isColoured: Bool

    /// A file or a pipe.
    static let file = Screen(width: nil, height: nil, isColoured: false)

    static func standardOutput(_ environment: [String: String]) -> Screen {
        Screen(STDOUT_FILENO, environment)
    }

    static func standardError(_ environment: [String: String]) -> Screen {
        Screen(STDERR_FILENO, environment)
    }

    init(width: Int?, height: Int?, isColoured: Bool) {
        self.width = width
        self.height = height
        self.isColoured = isColoured
    }

    /// What a descriptor leads to.
    ///
    /// `COLUMNS` counts before what the terminal says of itself. Colour goes by NO_COLOR
    /// (no-color.org) and `TERM=dumb`.
    private init(_ descriptor: Int32, _ environment: [String: String]) {
        let columns = environment["COLUMNS"].flatMap { Int($0) }.map { max($0, Self.leastWidth) }
        guard isatty(descriptor) == 1 else {
            self.init(width: columns, height: nil, isColoured: false)
            return
        }
        var size = winsize()
        let isKnown = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0
        let own = isKnown && size.ws_col > 0 ? Int(size.ws_col) : Self.standardWidth
        let isPlain = environment["NO_COLOR"]?.isEmpty == false || environment["TERM"] == "dumb"
        self.init(
            width: columns ?? max(own, Self.leastWidth),
            height: isKnown && size.ws_row > 0 ? Int(size.ws_row) : nil, isColoured: !isPlain)
    }
}
