import Preflight
import RuleIR
import TproxyOperations

/// The result of `preflight`.
struct PreflightReport: JSONReport {
    static let schema = "tproxy.preflight/2"

    private enum CodingKeys: CodingKey {
        case findings
        case survey
    }

    private let findings: [FindingReport]
    /// The survey that the findings were made from.
    private let survey: PreflightSurvey
    private let orders: [(hook: Hook, rows: [[String]])]

    init(_ result: PreflightResult) {
        findings = result.findings.map(FindingReport.init)
        survey = result.survey
        orders = Hook.allCases.map { hook in
            let rows = result.preflight.order(on: hook).map {
                [$0.isOurs ? ">" : "", "\($0.priority)", $0.type, $0.name]
            }
            return (hook, rows)
        }
    }

    /// The findings, and for each hook the order in which chains see a packet.
    var text: ReportText {
        var report = ReportText()
        for finding in findings {
            let meaning: Span.Meaning = finding.severity == .warning ? .doubtful : .heading
            report.add([
                Span("\(finding.severity.rawValue): ", meaning),
                Span("\(finding.seen) [\(finding.id)]"),
            ])
            report.add(finding.consequence, hanging: 2)
            report.add([Span("help: ", .good), Span(finding.remedy)])
            report.addBlankLine()
        }
        if findings.isEmpty {
            report.add("no conflicts", .good)
            report.addBlankLine()
        }
        if let programs = survey.programs {
            programs.add(to: &report, isSeen: !survey.unseen.contains { $0.subject == .programs })
            report.addBlankLine()
        }
        for (number, order) in orders.filter({ !$0.rows.isEmpty }).enumerated() {
            if number > 0 { report.addBlankLine() }
            report.add(
                "chains on \(order.hook.rawValue), in the order in which they run:", .heading)
            report.add(
                TextTable(header: ["", "PRIORITY", "TYPE", "CHAIN"], rows: order.rows))
        }
        return report
    }
}

/// A finding as JSON.
struct FindingReport: Encodable {
    /// A stable identifier; docs/preflight.md lists them.
    var id: String
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
