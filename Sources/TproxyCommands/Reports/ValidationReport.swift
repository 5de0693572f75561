import TproxyOperations
import Validation

/// Where the connection of each path arrived.
struct ValidationReport: JSONReport {
    static let schema = "tproxy.validation/1"

    struct Line: Encodable {
        var path: String
        var connection: String
        var expected: String
        var rule: String
        /// `proved`, `broken` or `unproved`.
        var verdict: String
        /// Why the path is broken or unproved.
        var reason: String?
    }

    let paths: [Line]
    /// Whether no path is broken, and a redirection is proved.
    let isProved: Bool

    init(_ validation: PlanValidation) {
        isProved = validation.errors.isEmpty
        paths = validation.results.map { result in
            let (verdict, reason) = Self.words(result.verdict)
            return Line(
                path: result.path.name, connection: result.connection, expected: result.expected,
                rule: result.rule, verdict: verdict, reason: reason)
        }
    }

    private static func words(_ verdict: PathResult.Verdict) -> (String, String?) {
        switch verdict {
        case .proved: ("proved", nil)
        case .broken(let reason): ("broken", reason)
        case .unproved(let reason): ("unproved", reason)
        }
    }

    /// The table and a summary line.
    var text: ReportText {
        var report = ReportText()
        guard !paths.isEmpty else {
            report.add("the configuration redirects nothing")
            return report
        }
        let cells = paths.map { line in
            let mark =
                switch line.verdict {
                case "proved": Span("ok", .good)
                case "broken": Span("BROKEN", .alarming)
                case _: Span("?", .aside)
                }
            return [
                mark, Span(line.path), Span(line.connection.isEmpty ? "-" : line.connection),
                Span(line.expected), Span(line.rule, .aside),
            ].map { [$0] }
        }
        report.add(
            TextTable(header: ["", "PATH", "CONNECTION", "EXPECTED", "RULE"], cells: cells))
        report.addBlankLine()
        func count(_ verdict: String) -> Int { paths.count { $0.verdict == verdict } }
        let unproved = count("unproved")
        let summary =
            "\(count("proved")) of \(paths.count) paths proved"
            + (unproved == 0 ? "" : ", \(unproved) not proved")
        report.add(
            isProved
                ? Span(summary, .good)
                : Span(summary + ", \(count("broken")) BROKEN", .alarming))
        return report
    }
}
