import Diagnostics
import FoundationEssentials

/// A result as JSON.
///
/// It is an object whose member `schema` names the file of docs/schemas that describes it:
/// `tproxy.status/1` is status-1.json. Members may be added under the same number. A member that is
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

    /// Line feeds occur between values only; inside a string the encoder escapes them.
    private static func isEscaped(_ scalar: Unicode.Scalar) -> Bool {
        scalar != "\n" && VisibleText.isHidden(scalar)
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
