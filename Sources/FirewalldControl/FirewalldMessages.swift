import LinuxHost

/// What firewalld's commands print when something is wrong, on one line.
enum FirewalldMessages {
    static let configurationError = "Configuration error: "
    /// What says no more than that something is wrong.
    private static let prefixes = ["Error: ", configurationError, "COMMAND_FAILED: "]

    static func of(_ run: ToolRun) -> String {
        let lines = (run.errors + "\n" + run.output).split(whereSeparator: \.isNewline)
            .map(String.init)
        // What is logged before the last word is about other files, or says the same.
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
