import HostPrograms

/// Extracts the error message of firewalld's commands, on one line.
enum FirewalldMessages {
    static let configurationError = "Configuration error: "
    /// Prefixes that carry no information.
    private static let prefixes = ["Error: ", configurationError, "COMMAND_FAILED: "]

    static func of(_ run: ToolRun) -> String {
        let lines = (run.errors + "\n" + run.output).split(whereSeparator: \.isNewline)
            .map(String.init)
        // Log lines before the error concern other files, or repeat it.
        let start = lines.firstIndex { line in prefixes.contains { line.hasPrefix($0) } } ?? 0
        let words = lines.dropFirst(start).filter { !$0.hasPrefix("Try `") }
            .joined(separator: "; ")
        return words.isEmpty ? "no reason given" : plain(words)
    }

    private static func plain(_ words: String) -> String {
        for prefix in prefixes where words.hasPrefix(prefix) {
            return plain(String(words.dropFirst(prefix.count)))
        }
        return words
    }
}
