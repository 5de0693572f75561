import Glibc

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

    /// Determines the capabilities of a descriptor.
    ///
    /// `COLUMNS` takes precedence over the terminal. NO_COLOR (no-color.org) and `TERM=dumb`
    /// disable colour.
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
