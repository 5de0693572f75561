import Diagnostics
import Preflight
import RuleIR

/// What `preflight` says.
///
/// As JSON: `findings`, and the `survey` that they were made from.
struct PreflightReport: JSONReport {
    static let schema = "tproxy.preflight/1"

    private let findings: [FindingReport]
    private let survey: PreflightSurvey
    private let diagnostics: [Diagnostic]
    private let orders: [(hook: Hook, rows: [[String]])]

    private enum CodingKeys: CodingKey {
        case findings
        case survey
    }

    init(_ result: PreflightResult) {
        findings = result.findings.map(FindingReport.init)
        survey = result.survey
        diagnostics = result.diagnostics
        orders = Hook.allCases.map { hook in
            let rows = result.preflight.order(on: hook).map {
                [$0.isOurs ? ">" : "", "\($0.priority)", $0.type, $0.name]
            }
            return (hook, rows)
        }
    }

    /// The findings, and for each hook who sees a packet first.
    var text: ReportText {
        var report = ReportText()
        for diagnostic in diagnostics { report.add(diagnostic) }
        if findings.isEmpty { report.add("nothing is in the way", .good) }
        for order in orders where !order.rows.isEmpty {
            report.addBlankLine()
            report.add(
                "chains on \(order.hook.rawValue), in the order in which they run:", .heading)
            report.add(TextTable(header: ["", "PRIORITY", "TYPE", "CHAIN"], rows: order.rows))
        }
        return report
    }
}

/// A finding for programs.
struct FindingReport: Encodable {
    /// A stable name; docs/preflight.md lists them.
    var id: String
    /// `warning` or `note`.
    var severity: Finding.Severity
    var seen: String
    var consequence: String
    var remedy: String

    init(_ finding: Finding) {
        let words = finding.words
        id = finding.kind.rawValue
        severity = finding.kind.severity
        seen = words.seen
        consequence = words.consequence
        remedy = words.remedy
    }
}
