import Diagnostics

// Errors in the command line; one function for each message.
extension Diagnostic {
    static func unknownCommand(_ word: String, after words: String, known: [String]) -> Diagnostic {
        .error(
            id: "unknown-command", "'\(words)' has no command '\(word)'",
            help: nearestName(to: word, among: known).map { "did you mean '\(words) \($0)'?" }
                ?? "run '\(words) --help', which lists the commands")
    }

    static func noCommand(after words: String) -> Diagnostic {
        .error(
            id: "no-command", "no command is named",
            help: "run '\(words) --help', which lists the commands")
    }

    static func unknownOption(_ name: String, of words: String, known: [String]) -> Diagnostic {
        .error(
            id: "unknown-option", "'\(words)' has no option '\(name)'",
            help: nearestName(to: name, among: known).map { "did you mean '\($0)'?" }
                ?? help(words))
    }

    static func missingValue(_ option: String, of words: String, values: [String]) -> Diagnostic {
        .error(
            id: "missing-value", "\(option) needs a value",
            help: values.isEmpty ? help(words) : give(values))
    }

    static func invalidValue(
        _ value: String, for option: String, of words: String, values: [String]
    ) -> Diagnostic {
        .error(
            id: "invalid-argument", "'\(value)' is not a value for \(option)",
            help: values.isEmpty ? help(words) : give(values))
    }

    /// Any other error in the command line.
    static func usage(_ message: String, of words: String) -> Diagnostic {
        .error(id: "usage", message, help: help(words))
    }

    private static func help(_ words: String) -> String {
        "run '\(words) --help', which lists the options"
    }

    private static func give(_ values: [String]) -> String {
        let last = values.suffix(1)
        let first = values.dropLast().joined(separator: ", ")
        return "give \(([first] + last).filter { !$0.isEmpty }.joined(separator: " or "))"
    }
}
