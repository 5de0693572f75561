/// When output is coloured.
enum ColorChoice: String, CaseIterable, Sendable {
    /// On a terminal, unless NO_COLOR is set or TERM is `dumb`.
    case auto
    case always
    case never
}

/// How a command line wants its output.
///
/// It is read from the words themselves, before the command is known: an error in the command line
/// has this form as well. Other parsers only check these words.
struct ConsoleOptions: Hashable, Sendable {
    /// Whether one JSON document is all that is printed (`--output json`).
    var isJSON = false
    /// Whether only errors are printed (`--quiet`).
    var isQuiet = false
    var color = ColorChoice.auto

    init() {}

    /// Reads the arguments of the program.
    init(_ arguments: [String]) {
        // There, --output names a file.
        let isExport = arguments.first == "export"
        var rest = arguments.prefix { $0 != "--" }[...]
        while let word = rest.popFirst() {
            if word == "--quiet" { isQuiet = true }
            if let text = Self.value(of: "--output", word, rest), !isExport {
                isJSON = text == OutputFormat.json.rawValue
            }
            if let text = Self.value(of: "--color", word, rest) {
                color = ColorChoice(rawValue: text) ?? .auto
            }
        }
    }

    /// Returns the value in `--name=value` or after `--name`; nil for another word.
    private static func value(
        of name: String, _ word: String, _ rest: ArraySlice<String>
    ) -> String? {
        if word == name { return rest.first }
        guard word.hasPrefix(name + "=") else { return nil }
        return String(word.dropFirst(name.count + 1))
    }
}
