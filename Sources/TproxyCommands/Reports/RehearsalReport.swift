import Addressing
import Rehearsal
import RuleIR
import RuleTrace

/// The expected and the actual outcome of each packet.
struct RehearsalReport: JSONReport {
    static let schema = "tproxy.rehearsal/1"

    struct Line: Encodable {
        var path: String
        var expected: String
        var landed: String
        var rule: String
        var isAsExpected: Bool
    }

    private enum CodingKeys: String, CodingKey {
        case lines = "paths"
        case seed
    }

    let lines: [Line]

    /// The seed of random packets; nil for packets that were given.
    private let seed: UInt64?

    init(_ results: [RehearsalResult], _ trace: RuleTrace, seed: UInt64? = nil) {
        self.seed = seed
        lines = results.map { result in
            let explanation = trace.explain(result.path.packet)
            return Line(
                path: result.path.name, expected: Self.words(Landing(explanation.outcome)),
                landed: Self.words(result, zone: explanation.conntrackZone),
                rule: Self.rule(explanation), isAsExpected: result.isAsExpected(explanation))
        }
    }

    var isAsExpected: Bool { !lines.isEmpty && lines.allSatisfy(\.isAsExpected) }

    /// The table and a summary line; for random packets, the table has only the wrong ones.
    var text: ReportText {
        let shown = seed == nil ? lines : lines.filter { !$0.isAsExpected }
        let cells = shown.map { line in
            [
                line.isAsExpected ? Span("ok", .good) : Span("WRONG", .alarming),
                Span(line.path), Span(line.expected), Span(line.landed), Span(line.rule, .aside),
            ].map { [$0] }
        }
        let wrong = lines.count { !$0.isAsExpected }
        var report = ReportText()
        if !cells.isEmpty {
            report.add(TextTable(header: ["", "PATH", "EXPECTED", "LANDED", "RULE"], cells: cells))
            report.addBlankLine()
        }
        let noun = seed.map { "random packets of seed \($0)" } ?? "paths"
        report.add(
            wrong == 0
                ? Span("\(lines.count) \(noun), all as expected", .good)
                : Span("\(lines.count) \(noun), \(wrong) NOT as expected", .alarming))
        return report
    }

    private static func words(_ landing: Landing) -> String {
        switch landing {
        case .proxy(let port): "proxy :\(port)"
        case .destination: "destination"
        case .nowhere(let reason): reason.isEmpty ? "nowhere" : "nowhere: \(reason)"
        }
    }

    private static func words(_ result: RehearsalResult, zone: UInt16) -> String {
        var text = words(result.landing)
        if case .nowhere = result.landing { return text }
        if let found = result.conntrackZone, found != zone {
            text += ", in conntrack zone \(found) instead of \(zone)"
        }
        if !result.isAnswered { text += ", answer lost" }
        if result.keepsOriginalDestination == false { text += ", original destination lost" }
        return text
    }

    private static func rule(_ explanation: Explanation) -> String {
        guard let decisive = explanation.decisive else { return "-" }
        return "\(decisive.rule.rationale.reason) [\(decisive.key)]"
    }
}
