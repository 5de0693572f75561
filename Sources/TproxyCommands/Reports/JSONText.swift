import Diagnostics
import JSON

/// A result for programs to read.
///
/// Its JSON form is an object whose member `schema` names the file of docs/schemas that describes
/// it: `tproxy.status/1` is status-1.json. Members may be added under the same number; one that
/// goes or changes its meaning makes the next.
protocol JSONReport: Encodable {
    /// `tproxy.NAME/NUMBER`.
    static var schema: String { get }
}

/// Values as JSON text: indented, keys sorted, so that the same value gives the same bytes.
///
/// What a terminal would do something with is escaped, as JSON lets any character of a string be.
enum JSONText {
    static func of(_ report: some JSONReport) throws -> String {
        try JSONValue(encoding: Named(report: report))
            .text(.indented, escaping: VisibleText.isHidden)
    }

    /// A report's members, and the name of its schema beside them.
    private struct Named<Report: JSONReport>: Encodable {
        private enum CodingKeys: String, CodingKey {
            case schema
        }

        let report: Report

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(Report.schema, forKey: .schema)
            try report.encode(to: encoder)
        }
    }
}
