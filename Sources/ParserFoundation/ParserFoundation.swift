// The part of FoundationEssentials that swift-argument-parser uses. Release builds replace the
// module with this one: FoundationEssentials is 5 MB of the program, and nothing else uses it.
import JSON

/// An error with a text for users.
///
/// No error of tproxy conforms to it.
public protocol LocalizedError: Error {
    var errorDescription: String? { get }
}

/// The bytes of a document.
public struct Data {
    fileprivate let text: String
}

/// Writes values as JSON text for `--experimental-dump-help`.
///
/// The text is indented and its members are sorted by name.
public final class JSONEncoder {
    public struct OutputFormatting: OptionSet, Sendable {
        public static let prettyPrinted = OutputFormatting(rawValue: 1 << 0)
        public static let sortedKeys = OutputFormatting(rawValue: 1 << 1)

        public let rawValue: UInt

        public init(rawValue: UInt) { self.rawValue = rawValue }
    }

    public var outputFormatting: OutputFormatting = []

    public init() {}

    public func encode(_ value: some Encodable) throws -> Data {
        Data(text: try JSONValue(encoding: value).text(.indented))
    }
}

extension String {
    public enum Encoding: Sendable {
        case utf8
    }

    public init?(data: Data, encoding: Encoding) { self = data.text }
}
