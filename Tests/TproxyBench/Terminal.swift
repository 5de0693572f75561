import Glibc

/// The only file of the benchmarks that prints.
enum Terminal {
    static func result(_ lines: [String]) {
        print(lines.joined(separator: "\n"), terminator: "\n\n")
    }

    /// Everything that isn't a result goes to stderr.
    static func note(_ text: String) {
        var errors = StandardError()
        print(text, to: &errors)
    }

    private struct StandardError: TextOutputStream {
        func write(_ text: String) {
            var bytes = Array(text.utf8)
            _ = unsafe Glibc.write(2, &bytes, bytes.count)
        }
    }
}
