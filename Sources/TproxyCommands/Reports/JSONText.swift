import Diagnostics
import FoundationEssentials

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
        try text(of: Named(report: report))
    }

    private static func text(of value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return escaped(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    private static func escaped(_ json: String) -> String {
        guard json.unicodeScalars.contains(where: isEscaped) else { return json }
        return json.unicodeScalars.map { scalar in
            isEscaped(scalar) ? scalar.utf16.map(escape).joined() : String(scalar)
        }.joined()
    }

    private static func escape(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// Line feeds are between the values; in a string the encoder escapes them itself.
    private static func isEscaped(_ scalar: Unicode.Scalar) -> Bool {
        scalar != "\n" && VisibleText.isHidden(scalar)
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
