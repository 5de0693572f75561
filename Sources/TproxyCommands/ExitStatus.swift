import ArgumentParser
import TproxyOperations

/// The exit status of every command; the table in the help and in README.
enum ExitStatus: Int32, CaseIterable {
    case done = 0
    case failed = 1
    case differs = 2
    case usage = 64

    /// Throwing it ends the program with this status.
    var code: ExitCode { ExitCode(rawValue) }

    var meaning: String {
        switch self {
        case .done: "done, or nothing to do; notes don't count"
        case .failed: "failed or refused; for status, no rules are loaded"
        case .differs:
            "differs or needs attention: diff found a difference, the rules of status aren't as"
                + " they were applied, preflight has warnings, assert has a refuted assertion,"
                + " validate found a broken path"
        case .usage: "wrong usage: an unknown command, flag or value"
        }
    }

    /// The table as text of at most 80 columns, for the help.
    static var text: String {
        var report = ReportText("EXIT STATUS:")
        for status in allCases {
            let number = "\(status.rawValue)".padded(to: 4)
            report.add("  \(number)\(status.meaning)", hanging: 6)
        }
        return report.lines(on: Screen(width: 80, height: nil, isColoured: false))
            .joined(separator: "\n")
    }

    /// The table as Markdown, for README.
    static var markdown: String {
        let rows = allCases.map { "| \($0.rawValue) | \($0.meaning) |" }
        return (["| exit status | meaning |", "|---|---|"] + rows).joined(separator: "\n")
    }
}
