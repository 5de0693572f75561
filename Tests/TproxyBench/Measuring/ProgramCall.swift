import LinuxHost

/// A program with its arguments, and where its output goes.
struct ProgramCall: Hashable {
    var program: String
    var arguments: [String]
    /// The file for standard output; without one it is discarded.
    var output: String?
    /// The file for standard input; without one there is none.
    var input: String?
    /// Variables besides PATH and LC_ALL, as `NAME=value`.
    var environment: [String] = []

    init(_ program: String, _ arguments: [String], output: String? = nil) {
        self.program = program
        self.arguments = arguments
        self.output = output
    }

    /// A program of the host, by its name.
    static func installed(
        _ name: String, _ arguments: [String], output: String? = nil
    ) throws(BenchError) -> ProgramCall {
        guard let path = ProgramSearch.path(of: name) else { throw .missing(program: name) }
        return ProgramCall(path, arguments, output: output)
    }

    /// The command line as it would be typed.
    var text: String { ([program] + arguments).joined(separator: " ") }
}
