import Diagnostics
import JSON

/// A result as JSON.
///
/// It is an object whose member `schema` names the file of docs/schemas that describes it:
/// `tproxy.status/2` is status-2.json. Members may be added under the same number. A member that is
/// removed or changes its meaning requires the next number.
protocol JSONReport: Encodable {
    /// `tproxy.NAME/NUMBER`.
    static var schema: String { get }
}

/// Encodes values as JSON text, indented and with sorted keys, so equal values give equal bytes.
///
/// Characters that a terminal would interpret are escaped, as JSON allows for any character.
enum JSONText {
    static func of(_ report: some JSONReport) throws -> String {
        text(of: try value(of: report))
    }

    static func value(of report: some JSONReport) throws -> JSONValue {
        try JSONValue(encoding: Named(report: report))
    }

    static func text(of value: JSONValue) -> String {
        value.text(.indented, escaping: VisibleText.isHidden)
    }

    /// Returns a document with the member `diagnostics`.
    static func text(of value: JSONValue, with diagnostics: [Diagnostic]) throws -> String {
        var members = value.object ?? [:]
        members["diagnostics"] = .array(
            try diagnostics.map { try JSONValue(encoding: DiagnosticReport($0)) })
        return text(of: .object(members))
    }

    /// A report's members, together with the name of its schema.
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
